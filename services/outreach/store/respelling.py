"""Addresses that earlier releases stored as they were spelled, brought to the form that is compared."""

from typing import Final

from foundation.database import Connection, Database
from foundation.sql import queries
from schemas.addresses import comparable

_SQL = queries(__file__)

#: Which form addresses have; another one would have them all looked at again.
_FORM: Final = "canonical_1"
_AT_ONCE: Final = 2000


async def respell_addresses(database: Database) -> int:
    """Bring every stored address to its canonical form, once; return how many were spelled otherwise.

    A stop of before binds the same address in whatever spelling from then on. Running replicas may go on
    meanwhile; whoever dies in it is followed by the next who migrates.

    Raises:
        DatabaseUnavailable: what was done is kept, the rest is done by the next.
    """
    async with database.transaction() as connection:
        if await _SQL.was_respelled(connection, revision=_FORM):
            return 0
    respelled = 0
    after: str | None = ""
    while after is not None:
        async with database.transaction() as connection:
            changed, after = await _respell_some(connection, after)
        respelled += changed
    async with database.transaction() as connection:
        await _SQL.note_respelled(connection, revision=_FORM)
    return respelled


async def _respell_some(connection: Connection, after: str) -> tuple[int, str | None]:
    """Look at the addresses that follow one; return how many were changed, and the last looked at."""
    stored = [row["address"] for row in await _SQL.list_addresses(connection, after=after, limit=_AT_ONCE)]
    news = {address: comparable(address) for address in stored if comparable(address) != address}
    if news:
        changes = {"olds": list(news), "news": list(news.values())}
        await _SQL.respell_people(connection, **changes)
        await _SQL.respell_suppressions(connection, **changes)
        await _SQL.respell_contacts(connection, **changes)
        await _SQL.respell_attempts(connection, **changes)
        await _SQL.respell_replies(connection, **changes)
    return len(news), stored[-1] if len(stored) == _AT_ONCE else None
