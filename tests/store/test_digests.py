"""The key of digests may change, unless something is kept by a digest alone."""

import pytest

from foundation.database import Database
from outreach.store import digests

KEY, OTHER = digests.key_from("a secret"), digests.key_from("another secret")

UNNAMED = {
    "a stop": "INSERT INTO suppressions (suppression_id, address, channel, kind, origin, at)"
    " VALUES ('1', 'digest:1f', 'sms', 'opted_out', 'reply', now())",
    "a contact": "INSERT INTO contacts (contact_id, person_id, at, channel, direction, debts, address)"
    " VALUES ('1', 'ada', now(), 'sms', 'outbound', '{}', 'digest:1f')",
    "a contact with somebody erased": "INSERT INTO contacts"
    " (contact_id, person_id, at, channel, direction, debts, address)"
    " VALUES ('1', 'ada', now(), 'sms', 'outbound', '{}', 'erased:1f')",
}


async def uses(database: Database, key: bytes) -> bool:
    async with database.transaction() as connection:
        return await digests.use_key(connection, key)


async def test_a_key_is_told_apart_from_the_one_before(database: Database) -> None:
    assert [await uses(database, key) for key in (KEY, KEY, OTHER, OTHER)] == [False, False, True, False]


@pytest.mark.parametrize("kept", UNNAMED)
async def test_while_something_is_kept_by_a_digest_alone_the_key_stays(database: Database, kept: str) -> None:
    await uses(database, KEY)
    async with database.transaction() as connection:
        await connection.execute(UNNAMED[kept])

    with pytest.raises(digests.KeyStillNeeded):
        await uses(database, OTHER)

    assert await uses(database, KEY) is False
