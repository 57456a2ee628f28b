"""Links to the preference center find whom they were made for, for as long as they are to."""

from typing import Any

import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from preferences.center.revoking import revoke_links
from preferences.desk.history import PersonNotFound
from preferences.ledger.name import name_everybody
from preferences.ledger.rebuild import differing
from preferences.store import links
from preferences.store.links import NamedPlace, Place
from schemas.links import LinkKey, name_of
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears, latest
from tests.support.staff import STAFF

pytestmark = pytest.mark.migrated("preferences")

KEY = LinkKey("a key that both services hold, of some length")
OTHER = LinkKey("another key that both services hold, as long")


def has(*numbers: str, to: str = ADA) -> Any:
    return happened("person.changed", to=to, phones=[{"number": number} for number in numbers])


async def uses(database: Database, key: LinkKey = KEY) -> int:
    return await name_everybody(key.names_key, database=database)


async def named(
    database: Database, address: str = SMS, *, person: str = ADA, key: LinkKey = KEY
) -> list[NamedPlace]:
    token = name_of(key.names_key, person, address)
    async with database.reading() as connection:
        return list(await links.find_named(connection, token))


async def test_people_who_come_after_the_key_are_found_by_it(database: Database) -> None:
    await uses(database)

    await hears(database, happened("person.changed", phones=[{"number": SMS}], emails=[{"address": EMAIL}]))

    assert await named(database) == [NamedPlace(place=Place(ADA, SMS), revoked_at=None)]
    assert await named(database, EMAIL.upper()) == [NamedPlace(place=Place(ADA, EMAIL), revoked_at=None)]
    assert await named(database, "+13035550199") == []


async def test_people_who_were_known_before_the_key_are_found_by_it_too(database: Database) -> None:
    await hears(database, has(SMS), has("+13035550124", to="person-2"))
    assert await named(database) == []

    assert await uses(database) == 2
    assert await uses(database) == 0

    assert [place.place.person_id for place in await named(database)] == [ADA]
    assert await named(database, "+13035550124", person="person-2") != []


async def test_a_link_to_a_number_that_somebody_had_still_finds_them(database: Database) -> None:
    await uses(database)
    await hears(database, has(SMS))

    await hears(database, has("+13035550124"))

    assert len(await named(database)) == 1


async def test_another_key_finds_everybody_anew(database: Database) -> None:
    await hears(database, has(SMS))
    await uses(database)

    await uses(database, OTHER)

    assert len(await named(database, key=OTHER)) == 1


async def test_without_a_center_nobody_is_named(database: Database) -> None:
    await hears(database, has(SMS))

    async with database.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM links") == 0


async def test_a_revocation_is_an_entry_is_told_and_survives_a_rebuild(database: Database) -> None:
    await uses(database)
    await hears(database, has(SMS))

    await revoke_links(ADA, actor=STAFF, database=database, clock=ManualClock(NOW))

    assert (await latest(database)).links_revoked_at == NOW
    assert [place.revoked_at for place in await named(database)] == [NOW]
    assert [page async for page in differing(database=database, clock=ManualClock(NOW))] == [[]]
    async with database.reading() as connection:
        assert await connection.fetchval("SELECT act FROM acts") == "revoke links"


async def test_nobodys_links_are_not_revoked(database: Database) -> None:
    with pytest.raises(PersonNotFound):
        await revoke_links("nobody", actor=STAFF, database=database, clock=ManualClock(NOW))
