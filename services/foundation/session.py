"""A session with PostgreSQL: what it is begun with, and whether it stays ours.

We lean on sessions: locks that outlive a transaction say who relays and who migrates, `LISTEN` wakes us, and
time limits let nobody hold a lock for ever. A pooler may stand in between if it gives each connection a
session of its own.
"""

from collections.abc import Mapping
from typing import Final

import asyncpg

#: A process that froze inside a transaction must not hold its locks for ever. The isolation level counts for
#: what is done without a transaction of its own.
_SETTINGS: Final[Mapping[str, str]] = {
    "TimeZone": "UTC",
    "idle_in_transaction_session_timeout": "1min",
    "default_transaction_isolation": "read committed",
}


class SessionNotOurs(Exception):
    """The session is not ours alone, or not kept as it was begun: a pooler in between shares it."""


async def begin(connection: asyncpg.Connection) -> None:
    """Set what counts for the whole session.

    After connecting, for poolers refuse to pass on what they do not know.

    Raises:
        SessionNotOurs: it is not kept.
    """
    names, values = list(_SETTINGS), list(_SETTINGS.values())
    await connection.execute(_SET, names, values)
    if await connection.fetchval(_GET, names) != values:
        raise SessionNotOurs


_SET: Final = "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS set (name, value)"
_GET: Final = """
SELECT array_agg(current_setting(name) ORDER BY place)
  FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, place)"""


async def insist_on_our_own(connection: asyncpg.Connection, url: str) -> None:
    """Go on only if a connection has its server process for itself, as long as it lasts.

    A pooler gives itself away: it names as ours a process that is not the one which answers. Then it is
    asked again while somebody else has a transaction open, and while two have: one that pools by transaction
    gives our process away to them, or another one to us. With one alone, one that takes its sessions in turn
    may give us our own back.

    Raises:
        SessionNotOurs: the process is shared, or changes.
    """
    ours = await _process(connection)
    if ours == connection.get_server_pid():
        return
    others: list[asyncpg.Connection] = []
    try:
        for _ in range(_OTHERS):
            others.append(await asyncpg.connect(url, timeout=_ANSWERS_WITHIN, statement_cache_size=0))
            await others[-1].execute("BEGIN")
            if await _process(others[-1]) == ours or await _process(connection) != ours:
                raise SessionNotOurs
    except asyncpg.PostgresConnectionError:
        # One that pools by statement ends whoever begins a transaction.
        raise SessionNotOurs from None
    finally:
        for other in others:
            other.terminate()


_ANSWERS_WITHIN: Final = 10
_OTHERS: Final = 2


async def _process(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval("SELECT pg_backend_pid()", timeout=_ANSWERS_WITHIN))
