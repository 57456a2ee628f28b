"""Links to the preference center find whom they were made for, for as long as they are to."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from preferences.center.opening import open_link
from preferences.center.revoking import revoke_links
from preferences.desk.history import PersonNotFound
from preferences.ledger.name import name_everybody
from preferences.ledger.rebuild import differing
from preferences.store import links
from preferences.store.links import NamedPlace, Place
from schemas.links import LinkKey, Token, name_of
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears, latest
from tests.support.staff import STAFF
from tests.support.statements import Told

pytestmark = pytest.mark.migrated("preferences")

SECRET = "a key that both services hold, of some length"
OTHER_SECRET = "another key that both services hold, as long"
KEY, OTHER = LinkKey(SECRET), LinkKey(OTHER_SECRET)


def has(*numbers: str, to: str = ADA) -> Any:
    return happened("person.changed", to=to, phones=[{"number": number} for number in numbers])


async def uses(database: Database, *keys: LinkKey) -> int:
    return await name_everybody([key.names_key for key in keys or (KEY,)], database=database)


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


async def test_with_several_keys_everybody_is_found_by_each_of_them(database: Database) -> None:
    await hears(database, has(SMS))
    await uses(database, KEY)

    await uses(database, OTHER, KEY)
    await hears(database, has("+13035550124", to="person-2"))

    for key in (KEY, OTHER):
        assert len(await named(database, key=key)) == 1
        assert len(await named(database, "+13035550124", person="person-2", key=key)) == 1
    assert await uses(database, OTHER, KEY) == 0


async def test_a_key_that_is_used_no_more_names_nobody_who_comes_then(database: Database) -> None:
    await uses(database, OTHER, KEY)
    await uses(database, OTHER)

    await hears(database, has(SMS))

    assert (len(await named(database, key=OTHER)), await named(database, key=KEY)) == (1, [])


class CountedKey(LinkKey):
    """A key that counts how often it is asked to prove something."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.proofs = 0

    def proves(self, token: Token, person_id: str, address: str, *, revoked_at: datetime | None) -> bool:
        self.proofs += 1
        return super().proves(token, person_id, address, revoked_at=revoked_at)


async def test_every_link_costs_the_same_work_whether_it_works_or_not(database: Database) -> None:
    """What takes longer for one kind of link than for another tells a stranger which of them they hold."""
    await uses(database, KEY, OTHER)
    await hears(database, has(SMS), has("+13035550124", to="person-2"))
    await revoke_links("person-2", actor=STAFF, database=database, clock=ManualClock(NOW))
    until = NOW.date()

    def signed(key: LinkKey, person: str, address: str, expires_on: date = until) -> str:
        return key.sign(person, address, revoked_at=None, expires_on=expires_on)

    works = {signed(KEY, ADA, SMS), signed(OTHER, ADA, SMS)}
    never_made = {
        *("", "short", "A" * 28, "é" * 28, "%" * 28, "A" * 500),
        signed(KEY, "nobody", SMS),
        signed(KEY, ADA, "+13035550199"),
        signed(LinkKey("a key that nobody here holds, of some length"), ADA, SMS),
    }
    void = {signed(KEY, ADA, SMS, until - timedelta(days=1)), signed(KEY, "person-2", "+13035550124")}
    work: dict[str, tuple[int, ...]] = {}
    opened = set()
    for text in works | never_made | void:
        keys, statements = [CountedKey(SECRET), CountedKey(OTHER_SECRET)], list[None]()
        async with database.reading() as connection:
            told = Told(connection, partial(statements.append, None))
            if await open_link(told, text, keys=keys, now=NOW) is not None:
                opened.add(text)
        work[text] = (len(statements), *(key.proofs for key in keys))

    assert opened == works
    assert set(work.values()) == {(1, 1, 1)}


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
