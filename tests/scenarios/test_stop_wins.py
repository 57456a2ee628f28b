"""Stop wins, whatever the clocks say and however the address is spelled."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from outreach.listening.replies import bind_waiting
from outreach.listening.unsubscribe import bind_waiting_unsubscribes
from outreach.sending.claim_result import Call
from tests.http.site import Site
from tests.support.databases import Databases
from tests.support.happenings import CHICAGO
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
EMAIL_ONLY = [{"channel": "email", "basis": "written", "at": "2026-02-01T10:00:00Z"}]


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


async def test_an_opt_out_of_a_shared_number_leaves_the_other_number_of_whoever_shares_it_open(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    both = [{"number": number, "kind": "mobile"} for number in ("+13125550177", "+13125550142")]
    await world.hears(world.snapshot("bob", addresses=[CHICAGO], phones=both))
    await world.person("ada", email=None, opt_outs=[opted_out("sms", "+13125550142")])
    await world.has_a_text_due("bob", "d2")

    await world.works()

    assert [text.to for text in world.sms.sent] == ["+13125550177"]


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


class Stopwatch:
    """A monotonic clock that stood still, for a process that did: it reads later by `jumps` at each look."""

    def __init__(self, jumps: float) -> None:
        self._jumps = jumps
        self._reads = 0.0

    def __call__(self) -> float:
        self._reads += self._jumps
        return self._reads


async def test_a_process_that_was_frozen_behind_its_gate_does_not_call(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(email=None)
    await world.has_a_text_due()
    (call,) = await world.claims()

    await world.sender(monotonic=Stopwatch(2.1)).send(call)

    assert world.sent == []
    assert (await world.ledger(), await world.status()) == (["not_sent"], "planned")
    world.clock.advance(timedelta(seconds=2))
    await world.works()
    assert len(world.sms.sent) == 1


class JumpingClock(ManualClock):
    """A clock that is set ahead between two looks, as after a machine slept."""

    def now(self) -> datetime:
        before = super().now()
        self.advance(timedelta(seconds=2.1))
        return before


async def test_a_machine_that_slept_behind_the_gate_does_not_call(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(email=None)
    await world.has_a_text_due()
    (call,) = await world.claims()

    world.clock = JumpingClock(world.clock.now())
    await world.sender(monotonic=lambda: 0.0).send(call)

    assert world.sent == []


async def test_a_call_within_two_seconds_of_its_gate_is_made(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(email=None)
    await world.has_a_text_due()
    (call,) = await world.claims()

    await world.sender(monotonic=Stopwatch(1.9)).send(call)

    assert len(world.sms.sent) == 1


async def has_begun(world: World, person: str = "ada") -> list[Call]:
    await world.person(person, email=None)
    await world.has_a_text_due(person)
    return await world.claims()


async def test_a_stop_is_bound_while_somebody_holds_the_person_for_long(databases: Databases) -> None:
    url = await databases.fresh("outreach")
    async with Database.open(url, size=3, name="test") as database:
        world = World(database, now=MORNING)
        (call,) = await has_begun(world)
        async with database.transaction() as held:
            await held.execute("SELECT FROM people WHERE person_id = 'ada' FOR UPDATE")
            answer = await Site(world).texts_us("STOP")
            waits = await world.asks("SELECT count(*) FROM waiting_replies")
        await world.calls([call])

        assert (answer.status, waits, world.sent) == (200, 1, [])
        await bind_waiting(database=database, clock=world.clock, playbook=world.guidance.playbook)
        assert await world.asks("SELECT count(*) FROM waiting_replies") == 0
        assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 1
        assert await world.asks("SELECT count(*) FROM replies") == 1
    await databases.drop(url)


async def test_while_a_reply_waits_to_be_bound_nothing_goes_to_whoever_has_its_address(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person(phone="+13125550142", email="ada@example.com", consents=EMAIL_ONLY)
    await world.has_a_text_due()
    (call,) = await world.claims()
    await world.runs(
        "INSERT INTO waiting_replies"
        " VALUES ('SM1', 'sms', '+13125550142', 'My lawyer', now(), false, false, false)"
    )

    await world.calls([call])

    assert (call.provider, world.sent) == ("sendgrid", [])


async def test_a_reply_binds_though_every_connection_has_just_been_cut(databases: Databases) -> None:
    url = await databases.fresh("outreach")
    async with Database.open(url, size=4, name="test") as database:
        world = World(database, now=MORNING)
        await has_begun(world)
        async with database.dedicated() as outside:
            await outside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        answer = await Site(world).texts_us("STOP")

        assert answer.status == 200
        assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 1
    await databases.drop(url)


async def test_an_unsubscribe_is_bound_while_somebody_holds_the_person_for_long(databases: Databases) -> None:
    url = await databases.fresh("outreach")
    async with Database.open(url, size=3, name="test") as database:
        world = World(database, now=MORNING)
        await world.person(phone=None)
        await world.has_a_text_due()
        (call,) = await world.claims()
        link = f"/unsubscribe/{world.links.sign(['ada', 'ada@example.com'])}"
        async with database.transaction() as held:
            await held.execute("SELECT FROM people WHERE person_id = 'ada' FOR UPDATE")
            answer = await Site(world).ask("POST", link)
            waits = await world.asks("SELECT count(*) FROM waiting_unsubscribes")
        await world.calls([call])

        assert (call.provider, answer.status, waits, world.sent) == ("sendgrid", 200, 1, [])
        assert await bind_waiting_unsubscribes(database=database, clock=world.clock) == 1
        assert await world.asks("SELECT count(*) FROM waiting_unsubscribes") == 0
        assert await world.asks("SELECT count(*) FROM suppressions WHERE origin = 'unsubscribe'") == 1
        assert await world.published("outreach.replies.v1") == ["suppression.recorded"]
    await databases.drop(url)


async def test_a_receipt_hears_no_in_time_while_somebody_holds_the_person_for_long(
    databases: Databases,
) -> None:
    url = await databases.fresh("outreach")
    async with Database.open(url, size=3, name="test") as database:
        world = World(database, now=MORNING)
        (call,) = await has_begun(world)
        await world.calls([call])
        form = {"MessageSid": "SM" + "4" * 32, "MessageStatus": "undelivered", "ErrorCode": "21610"}
        where = f"/webhooks/twilio/status?attempt={call.attempt_id}"
        async with database.transaction() as held:
            await held.execute("SELECT FROM people WHERE person_id = 'ada' FOR UPDATE")
            refused = await Site(world).twilio(where, form)
        taken = await Site(world).twilio(where, form)

        assert (refused.status, taken.status) == (503, 204)
        assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 1
    await databases.drop(url)
