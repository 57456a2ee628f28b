"""A connection that tells somebody of each statement before it is run."""

from collections.abc import Awaitable, Callable
from typing import Any

from foundation.database import Connection

_STATEMENTS = {"execute", "executemany", "fetch", "fetchrow", "fetchval"}


class Told:
    """A connection that calls `before` ahead of each statement, and awaits what it returns.

    All else is the connection's own.
    """

    def __init__(self, connection: Connection, before: Callable[[], Awaitable[None] | None]) -> None:
        self._connection = connection
        self._before = before

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._connection, name)
        if name not in _STATEMENTS:
            return attribute

        async def told(*arguments: Any, **named: Any) -> Any:
            if (waiting := self._before()) is not None:
                await waiting
            return await attribute(*arguments, **named)

        return told
