"""Named SQL: the statements of `thing.sql` as awaitable functions for `thing.py` beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import aiosql
from aiosql.adapters.asyncpg import AsyncPGAdapter


def queries(module_file: str) -> Any:
    """Load the `.sql` file that lies beside a module and has its name; call it with `__file__`.

    Every statement becomes a function of a connection and keyword parameters, and is awaited.
    The mark after its name says what comes back: none a list of rows, `^` one row or None,
    `$` one value, `!` the number of rows changed.
    """
    return aiosql.from_path(
        Path(module_file).with_suffix(".sql"), cast("Any", _Adapter), mandatory_parameters=False
    )


class _Adapter(AsyncPGAdapter):
    """Like aiosql's own, but hands over to asyncpg without two generators in between.

    It says it is not asynchronous, because then aiosql returns what it gets: a coroutine.
    """

    is_aio_driver = False

    def select(self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None) -> Any:
        return conn.fetch(sql, *self._in_order(query_name, parameters))

    def select_one(
        self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Any:
        return conn.fetchrow(sql, *self._in_order(query_name, parameters))

    def select_value(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:
        return conn.fetchval(sql, *self._in_order(query_name, parameters))

    async def insert_update_delete(self, conn: Any, query_name: str, sql: str, parameters: Any) -> int:
        status = await conn.execute(sql, *self._in_order(query_name, parameters))
        return int(status.rsplit(" ", 1)[-1])

    def _in_order(self, query_name: str, parameters: Mapping[str, Any] | tuple[()]) -> list[Any]:
        # Without parameters aiosql hands over an empty tuple.
        return (
            [parameters[variable] for variable in self.var_sorted[query_name]]
            if isinstance(parameters, dict)
            else []
        )
