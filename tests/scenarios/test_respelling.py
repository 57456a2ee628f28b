"""Addresses that an earlier release stored as they were spelled: a stop of then binds after the upgrade."""

import pytest

from foundation.database import Database
from outreach.store.respelling import respell_addresses
from tests.support.mortal import Ending, Work, ends_everywhere
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

_STOP = """
INSERT INTO suppressions (suppression_id, person_id, address, channel, kind, origin, at, heard_at)
VALUES ('{person}-said-stop', NULL, '{spelled}', 'email', 'opted_out', 'provider', now(), now())
"""


async def is_of_before(world: World, person: str) -> None:
    """Somebody has an email due, at an address that is spelled in one way, and was stopped in another."""
    address = f"{person}.Smith@Example.com"
    await world.person(person, phone=None, email=address)
    await world.has_a_text_due(person)
    await world.runs(f"UPDATE addresses SET address = '{address}' WHERE person_id = '{person}'")  # noqa: S608 (a test's own)
    await world.runs(_STOP.format(person=person, spelled=f"{person.upper()}.smith@example.com."))


async def test_a_stop_that_an_earlier_release_stored_in_another_spelling_binds_after_the_upgrade(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await is_of_before(world, "ada")

    assert await respell_addresses(database) == 2
    assert await respell_addresses(database) == 0
    await world.works_until("2026-03-02T23:00Z")

    assert world.sent == []
    assert await world.asks("SELECT address FROM suppressions") == "ada.smith@example.com"
    assert await world.asks("SELECT array_agg(address) FROM addresses") == ["ada.smith@example.com"]


@pytest.mark.parametrize("ending", ["death", "outage"])
async def test_whoever_upgrades_may_die_anywhere_and_the_next_ends_it(
    database: Database, ending: Ending
) -> None:
    world = World(database, now=MORNING)

    async def begin(person: str) -> Work:
        await is_of_before(world, person)
        await world.runs("DELETE FROM applied_migrations WHERE package = 'outreach.addresses'")
        return respell_addresses

    async def again(person: str) -> None:
        await respell_addresses(database)
        asked = "SELECT address FROM suppressions WHERE suppression_id = $1"
        assert await world.asks(asked, f"{person}-said-stop") == f"{person}.smith@example.com"

    fates = await ends_everywhere(database, begin=begin, again=again, ending=ending)
    await world.works_until("2026-03-02T23:00Z")

    assert {moment.name for fate in fates.values() for moment in fate.moments} >= {
        "begin",
        "commit",
        "committed",
    }
    assert world.sent == []
    for table in ("suppressions", "addresses"):
        stored = await world.asks(f"SELECT array_agg(address ORDER BY address) FROM {table}")  # noqa: S608
        assert stored == [f"{person}.smith@example.com" for person in fates], table
