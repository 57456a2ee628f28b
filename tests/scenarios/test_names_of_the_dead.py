"""A name that tells of a death has a human look first, who may say that the person lives."""

from foundation.database import Database
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
TEN = "2026-03-02T16:00Z"
ELEVEN = "2026-03-02T17:00Z"
NOON = "2026-03-02T18:00Z"


async def of_the_estate(database: Database) -> World:
    """Ada Estate, a living woman, has a text due."""
    world = World(database, now=MORNING)
    await world.person(names={"given": "Ada", "family": "Estate"})
    await world.has_a_text_due()
    await world.works_until(TEN)
    return world


async def test_whoever_is_held_for_their_name_goes_on_once_a_human_has_looked(database: Database) -> None:
    world = await of_the_estate(database)
    assert world.sent == []

    assert await world.releases("ada") == 1
    await world.works_until(ELEVEN)
    assert len(world.sent) == 1

    # The same names, told again, were looked at.
    await world.person(names={"given": "Ada", "family": "Estate"}, language="en")
    await world.has_a_text_due(debt_id="d2")
    await world.works_until("2026-03-05T18:00Z")
    assert len(world.sent) == 2


async def test_other_names_that_tell_of_a_death_are_looked_at_anew(database: Database) -> None:
    world = await of_the_estate(database)
    await world.releases("ada")
    await world.person(names={"full": "Estate of Ada Example"})
    await world.works_until(NOON)

    assert world.sent == []
    assert await world.releases("ada") == 1


async def test_a_name_that_was_put_right_holds_nobody(database: Database) -> None:
    world = await of_the_estate(database)
    await world.person(names={"given": "Ada", "family": "Example"})
    await world.works_until(NOON)

    assert len(world.sent) == 1
    assert await world.releases("ada") == 0


async def test_what_an_earlier_release_kept_is_held_and_can_be_handed_back(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(names={"given": "Ada", "family": "Estate"})
    await world.runs("DELETE FROM suppressions")
    await world.has_a_text_due()
    await world.works_until(TEN)
    assert world.sent == []

    assert await world.releases("ada") == 1
    await world.works_until(NOON)

    assert len(world.sent) == 1
