"""Stop wins, whatever the clocks say and however the address is spelled."""

from typing import Any

import pytest

from foundation.database import Database
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


def opted_out(channel: str, address: str | None = None, *, opt_out_id: str = "w1") -> dict[str, Any]:
    return {"opt_out_id": opt_out_id, "channel": channel, "address": address, "at": "2026-03-01T10:00:00Z"}


@pytest.mark.parametrize("spelling", ["+1-312-555-0142", "tel:+13125550142", "+1(312)555-0142"])
async def test_an_opt_out_binds_a_number_in_whatever_spelling(database: Database, spelling: str) -> None:
    world = World(database, now=MORNING)
    await world.person(email=None, opt_outs=[opted_out("sms", spelling)])
    await world.has_a_text_due()

    await world.works_until("2026-03-02T23:00Z")

    assert world.sent == []


@pytest.mark.parametrize("spelling", ["312-555-0142", "0013125550142", "13125550142", "ada"])
async def test_an_opt_out_whose_address_cannot_be_read_closes_the_channel(
    database: Database, spelling: str
) -> None:
    world = World(database, now=MORNING)
    await world.person(email=None, opt_outs=[opted_out("sms", spelling)])
    await world.has_a_text_due()

    await world.works_until("2026-03-02T23:00Z")

    assert world.sent == []


@pytest.mark.parametrize(
    "spelling",
    [
        "ada.smith@example.com.",
        '"ada.smith"@example.com',
        "ada.smith(c)@example.com",
        "\uff41da.smith@example.com",
    ],
)
async def test_an_unsubscribe_binds_whoever_has_the_mailbox_in_another_spelling(
    database: Database, spelling: str
) -> None:
    world = World(database, now=MORNING)
    await world.person(phone=None, email="Ada.Smith@Example.com")
    await world.person("bob", phone=None, email=spelling)

    await world.unsubscribes("ada", "Ada.Smith@Example.com")
    await world.has_a_text_due("bob", "d2")
    await world.works_until("2026-03-02T23:00Z")

    assert world.sent == []


@pytest.mark.parametrize(("bob", "comes_first"), [("bob", True), ("bob", False)])
async def test_an_opt_out_told_of_one_person_binds_everybody_who_has_the_number(
    database: Database, bob: str, *, comes_first: bool
) -> None:
    world = World(database, now=MORNING)
    if comes_first:
        await world.person(bob, email=None)
    await world.person("ada", email=None, opt_outs=[opted_out("sms", "+13125550142")])
    if not comes_first:
        await world.person(bob, email=None)
    await world.has_a_text_due(bob, "d2")

    await world.works_until("2026-03-02T23:00Z")

    assert world.sent == []


async def test_an_opt_out_of_one_number_leaves_the_other_open(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(email=None, opt_outs=[opted_out("sms", "+13125550199")])
    await world.has_a_text_due()

    await world.works()

    assert len(world.sms.sent) == 1


async def test_what_one_persons_opt_out_closed_for_others_opens_when_it_is_lifted_by_name(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person("ada", email=None, opt_outs=[opted_out("sms", "+13125550142")])
    await world.person("ada", email=None, lifted=["w1"])
    await world.person("bob", email=None)
    await world.has_a_text_due("bob", "d2")

    await world.works()

    assert len(world.sms.sent) == 1
