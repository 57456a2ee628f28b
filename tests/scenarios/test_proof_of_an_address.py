"""A message from the person proves that the address it came from is theirs, where nobody else may have it."""

from collections.abc import Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest

from foundation.database import Database
from tests.support.world import World

#: A Monday, nine in the morning in Albany.
MORNING = "2026-03-02T14:00Z"
ALBANY = {"country": "US", "region": "NY", "postal_code": "12207"}
HERS, ANOTHER = "+15185550142", "+15185550199"
UNPROVEN = {"consent_missing", "number_check_stale"}
[GIVES_REPLIES_THEIR_ADDRESS] = [
    file
    for file in (files("outreach") / "store" / "migrations").iterdir()
    if file.name.endswith("_replies_by_their_address.sql")
]


async def reasons(world: World) -> set[str]:
    """Return what the policy answered for the one text that is due."""
    await world.has_a_text_due()
    await world.works()
    [row] = await world.rows(
        "SELECT answers->'sms' AS sms FROM decisions JOIN touches USING (touch_id) WHERE play = 'thank_you'"
    )
    return set(row["sms"])


async def albany(database: Database, *, phones: Sequence[str] = (HERS,), **snapshot: Any) -> World:
    world = World(database, now=MORNING)
    await world.hears(
        world.snapshot(
            "ada",
            addresses=[ALBANY],
            phones=[{"number": phone, "kind": "mobile"} for phone in phones],
            emails=[],
            consents=[],
            **snapshot,
        )
    )
    return world


async def test_a_text_from_the_number_itself_opens_it(database: Database) -> None:
    world = await albany(database)
    await world.answers("ok", phone=HERS)
    await world.releases("ada")

    assert not UNPROVEN & await reasons(world)


async def test_a_text_from_an_old_number_proves_nothing_of_the_new_one(database: Database) -> None:
    world = await albany(database, phones=(ANOTHER,))
    await world.answers("ok", phone=ANOTHER)
    await world.releases("ada")
    await world.hears(
        world.snapshot(
            "ada", addresses=[ALBANY], phones=[{"number": HERS, "kind": "mobile"}], emails=[], consents=[]
        )
    )

    assert await reasons(world) >= UNPROVEN


async def test_a_text_from_a_number_that_two_people_have_proves_nothing_of_either(database: Database) -> None:
    world = await albany(database)
    await world.hears(
        world.snapshot("bob", addresses=[ALBANY], phones=[{"number": HERS}], emails=[], consents=[])
    )
    await world.answers("ok", phone=HERS)
    await world.releases("ada")

    assert await reasons(world) >= UNPROVEN


async def test_it_stays_unproven_when_only_one_of_the_two_has_the_number_still(database: Database) -> None:
    world = await albany(database)
    await world.hears(
        world.snapshot("bob", addresses=[ALBANY], phones=[{"number": HERS}], emails=[], consents=[])
    )
    await world.answers("ok", phone=HERS)
    await world.releases("ada")
    await world.hears(world.snapshot("bob", addresses=[ALBANY], phones=[], emails=[], consents=[]))

    assert await reasons(world) >= UNPROVEN


async def test_whoever_was_given_the_number_proves_nothing_by_writing(database: Database) -> None:
    check = {"number": HERS, "result": "reassigned", "at": "2026-02-27T12:00:00Z"}
    world = await albany(database, number_checks=[check])
    await world.answers("who is this?", phone=HERS)
    await world.releases("ada")

    assert "number_reassigned" in await reasons(world)


@pytest.mark.parametrize(
    ("address", "is_proof"),
    [("+1(518)555-0142", True), (ANOTHER, False), (None, False)],
    ids=["her number, spelled otherwise", "another number", "nobody says which"],
)
async def test_a_text_that_another_system_got_counts_by_its_address(
    database: Database, address: str | None, *, is_proof: bool
) -> None:
    world = await albany(database)
    wrote = {"channel": "sms", "direction": "inbound", "outcome": "answered", "contact_id": "c1"}
    if address is not None:
        wrote["address"] = address
    await world.hears(world.happens("contact.recorded", to="ada", **wrote))
    world.clock.advance(timedelta(hours=1))

    assert UNPROVEN.isdisjoint(await reasons(world)) is is_proof


async def test_replies_of_before_get_the_address_they_came_from(database: Database) -> None:
    world = await albany(database)
    await world.answers("ok", phone=HERS)
    await world.releases("ada")
    await world.rows("UPDATE contacts SET address = NULL WHERE direction = 'inbound'")

    await world.rows(GIVES_REPLIES_THEIR_ADDRESS.read_text())

    assert not UNPROVEN & await reasons(world)
