"""Somebody who was erased is forgotten: no word and no address stays, nobody writes to them, stops bind."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from foundation import acts, outbox, quarantine
from foundation.database import Database
from foundation.records import Record
from foundation.relay import serialize
from outreach.audit.audit import audit
from outreach.desk.erasures import list_waiting_erasures, look_at_person
from outreach.desk.export import export_person
from outreach.desk.stopping import list_stops, mark_mistaken
from outreach.kafka.intake import read_record
from outreach.planning.erase_deferred import erase_deferred
from outreach.planning.remember import remember
from outreach.sending.known import read_known
from schemas.envelope import Event
from tests.support.searched import search
from tests.support.staff import STAFF
from tests.support.world import World

MORNING = "2026-03-02T15:00Z"
NUMBER, EMAIL, WORK = "+13125550142", "ada@example.com", "ada.work@example.com"
#: All that says who she is, where she is reached, what she said and what was said to her.
PERSONAL = (NUMBER, "3125550142", EMAIL, WORK, "Lovelace", "my sister is ill", "240.00", "slip of the hand")


@pytest.fixture
async def world(database: Database) -> World:
    """A world in which Ada was written to, answered, and stopped texts."""
    world = World(database, now=MORNING)
    names = {"given": "Ada", "family": "Lovelace"}
    emails = [{"address": EMAIL}, {"address": WORK, "work": True}]
    await world.hears(
        world.snapshot("ada", names=names, phones=[{"number": NUMBER, "kind": "mobile"}], emails=emails)
    )
    await world.has_a_text_due()
    await world.works()
    assert [message.to for message in world.sent] == [NUMBER]
    await world.answers("my sister is ill, call me")
    await world.answers("STOP")
    await world.unsubscribes("ada", WORK)
    await world.debt("ada", "d2")
    await world.hears(world.happens("contact.recorded", to="ada", **contact()))
    return world


def contact() -> dict[str, Any]:
    return {
        "contact_id": "call-1",
        "channel": "voice",
        "direction": "outbound",
        "outcome": "answered",
        "address": NUMBER,
    }


def read_published(entry: outbox.Entry, *, now: datetime) -> Event:
    record = Record(entry.topic, 0, entry.position, entry.key.encode(), serialize(entry), ())
    event = read_record(record, now=now)
    assert isinstance(event, Event)
    return event


async def erases(world: World) -> None:
    await world.hears(world.erased("ada"))
    await relayed(world)


async def relayed(world: World) -> None:
    """Have what waits in the outbox leave: until then it holds what was told before."""
    async with world.database.transaction() as connection:
        await connection.execute("DELETE FROM outbox")


async def test_no_word_and_no_address_of_somebody_erased_stays(world: World) -> None:
    stops = await list_stops(NUMBER, database=world.database)
    marked = {"why": "a slip of the hand", "evidence": "a slip of the hand"}
    await mark_mistaken(stops[:1], actor=STAFF, database=world.database, clock=world.clock, **marked)
    async with world.database.transaction() as connection:
        await acts.record(connection, STAFF, "note", subject=NUMBER, reason="x", now=world.clock.now())
    found = {one.table for one in await search(world.database, PERSONAL)}
    assert found >= {
        "addresses",
        "attempts",
        "contacts",
        "debts",
        "replies",
        "snapshots",
        "suppressions",
        "decisions",
    }

    await erases(world)

    assert await search(world.database, PERSONAL) == set()


async def test_what_was_sent_is_still_counted_and_checked(world: World) -> None:
    since = world.clock.now() - timedelta(days=1)
    before = await audit(database=world.database, since=since)

    await erases(world)

    after = await audit(database=world.database, since=since)
    assert (after.messages, after.people, after.checks) == (before.messages, before.people, before.checks)
    assert [*before.violations, *after.violations] == []
    async with world.database.reading() as connection:
        left = await export_person(connection, "ada")
    assert left is not None
    assert [attempt["message"] for attempt in left["attempts"]] == [{}]
    assert [decision["decision"] for decision in left["decisions"]].count("send") == 1
    assert (left["snapshot"], left["debts"], left["replies"]) == (None, [], [])


async def test_nobody_writes_to_somebody_erased(world: World) -> None:
    await world.hears(world.snapshot("ada", phones=[], emails=[{"address": EMAIL}]))
    assert "planned" in (await world.touches()).values()

    await erases(world)
    await world.works_until("2026-03-20T15:00Z")

    assert len(world.sent) == 1
    assert set((await world.touches()).values()) <= {"accepted", "cancelled"}
    assert await world.asks("SELECT count(*) FROM hand_offs") == 0


async def test_whoever_has_the_address_meets_the_stop(world: World) -> None:
    await erases(world)

    await world.person("bea", phone=NUMBER, email=WORK)
    for debt in ("b1", "b2"):
        await world.has_a_text_due("bea", debt)
    await world.works_until("2026-03-05T15:00Z")

    assert len(world.sent) == 1
    closed = await world.rows(
        "SELECT channel, person_id FROM suppressions WHERE address = ANY($1)", [NUMBER, WORK]
    )
    assert {(row["channel"], row["person_id"]) for row in closed} == {("sms", None), ("email", None)}


async def test_an_address_that_somebody_else_has_stays_closed_for_them(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person("ada")
    await world.answers("STOP")
    await world.person("bea", email=None)
    await erases(world)

    await world.has_a_text_due("bea", "b1")
    await world.works()

    assert world.sms.sent == []
    assert await world.asks("SELECT count(*) FROM suppressions WHERE person_id = 'ada'") == 0


async def test_what_others_still_say_is_kept_aside_without_its_content(world: World) -> None:
    await erases(world)

    await world.hears(
        world.happens("debt.updated", to="ada", debt_id="d1", balance={"amount": "99.00", "currency": "USD"}),
        world.places("ada", "d9", at=world.clock.now() - timedelta(days=1)),
        world.happens("contact.recorded", to="ada", **{**contact(), "contact_id": "call-2"}),
    )

    assert await world.asks("SELECT count(*) FROM debts") == 0
    assert await search(world.database, PERSONAL) == set()
    async with world.database.transaction() as connection:
        kept = await quarantine.list_open(connection)
    assert [(one.malformed.reason, one.malformed.record.value) for one in kept] == [("erased", None)] * 3


async def test_a_debt_placed_after_it_begins_anew(world: World) -> None:
    await erases(world)
    world.clock.advance(timedelta(days=30))
    await world.hears(
        world.places("ada", "n1"),
        world.happens("debt.updated", to="ada", debt_id="n1", balance={"amount": "50.00", "currency": "USD"}),
    )
    assert await world.asks("SELECT array_agg(debt_id) FROM debts") == ["n1"]
    await world.works()
    assert len(world.sent) == 1

    await world.person("ada", phone="+13125550177", email=None)
    await world.has_a_text_due("ada", "n2")
    await world.works()

    assert [message.to for message in world.sent] == [NUMBER, "+13125550177"]


async def test_a_snapshot_of_before_the_erasure_brings_nobody_back(world: World) -> None:
    late = world.snapshot("ada", phones=[{"number": NUMBER}])

    await erases(world)
    await world.hears(late)

    assert await world.asks("SELECT count(*) FROM snapshots") == 0
    assert await search(world.database, PERSONAL) == set()


async def test_an_erasure_of_before_a_return_erases_nobody(world: World) -> None:
    erased = world.erased("ada")
    await world.person("ada", phone="+13125550177")

    await world.hears(erased)

    assert await world.asks("SELECT count(*) FROM snapshots") == 1


async def test_a_call_that_is_not_made_yet_is_not_made(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person("ada")
    await world.has_a_text_due()
    (call,) = await world.claims()

    await erases(world)
    await world.calls([call])
    await world.works_until("2026-03-10T15:00Z")

    assert world.sent == []
    await relayed(world)
    assert await search(database, PERSONAL) == set()


async def test_a_call_under_way_is_settled_without_its_address(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person("ada")
    await world.has_a_text_due()
    (call,) = await world.claims()

    async with world.slow_call(call):
        await erases(world)
    await world.told(call, "undelivered", code="30003")

    assert await world.asks("SELECT outcome FROM contacts") == "undelivered"
    await relayed(world)
    assert await search(database, PERSONAL) == set()


async def test_an_old_link_stops_email_without_its_address_being_kept(world: World) -> None:
    await erases(world)

    world.clock.advance(timedelta(days=1))
    await world.unsubscribes("ada", "ada.old@example.com")

    await relayed(world)
    assert await search(world.database, ("ada.old@example.com",)) == set()
    await world.person("bea", phone=None, email="ada.old@example.com")
    assert await world.asks("SELECT count(*) FROM suppressions WHERE address = 'ada.old@example.com'") == 1


async def test_what_was_published_before_is_not_put_back(world: World) -> None:
    async with world.database.transaction() as connection:
        entries = await outbox.read_front(connection, limit=1000)
    told = [read_published(entry, now=world.clock.now()) for entry in entries]
    await erases(world)

    async with world.database.transaction() as connection:
        await remember(connection, told, playbook=world.guidance.playbook, now=world.clock.now())

    assert await search(world.database, PERSONAL) == set()


@pytest.mark.parametrize("already", [True, False], ids=["has it already", "has it afterwards"])
async def test_what_was_sent_to_somebody_erased_counts_for_whoever_shares_the_number(
    database: Database, *, already: bool
) -> None:
    world = World(database, now=MORNING)
    await world.person("ada", email=None)
    if already:
        await world.person("bea", email=None)
    await world.has_a_text_due("ada")
    await world.works()
    assert [message.to for message in world.sent] == [NUMBER]

    await erases(world)
    await world.person("bea", email=None)
    await world.has_a_text_due("bea", "b1")
    await world.works()

    assert len(world.sent) == 1
    assert (await world.touch(person="bea"))["reason"] == "frequency_cap"
    # It counts by its digest: that it was Ada's number stands nowhere.
    stands_for = await world.rows("SELECT address FROM contacts WHERE person_id = 'ada'")
    assert [row["address"].startswith("erased:") for row in stands_for] == [True]
    await world.works_until("2026-03-12T15:00Z")
    assert await world.status("bea") == "accepted"
    assert (await audit(database=database, since=world.clock.now() - timedelta(days=30))).violations == []


async def test_the_audit_counts_what_was_sent_to_somebody_erased_for_whoever_shares_the_number(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bea"):
        await world.person(person, email=None)
    await world.has_a_text_due("ada")
    await world.works()
    await erases(world)
    async with database.transaction() as connection:
        # As if it had been forgotten until Bea was written to.
        await connection.execute("UPDATE contacts SET address = 'else' || address")
    await world.has_a_text_due("bea", "b1")
    await world.works()
    assert len(world.sent) == 2
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE contacts SET address = substr(address, 5) WHERE address LIKE 'else%'"
        )

    found = await audit(database=database, since=world.clock.now() - timedelta(days=1))

    assert {one.check for one in found.violations} == {"caps", "spacing"}


async def test_whoever_writes_from_a_number_of_somebody_erased_may_be_they(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person("ada", email=None)
    await world.has_a_text_due("ada")
    await world.works()
    await erases(world)
    await world.person("bea", email=None)

    await world.answers("I can pay on Friday")

    async with database.reading() as connection:
        known = (await read_known(connection, ["bea"], now=world.clock.now()))["bea"]
    assert (NUMBER in known.shared_addresses, [*known.wrote_from]) == (True, [("sms", NUMBER)])
    bea = await world.person("bea", consents=[], email=None)
    await world.has_a_text_due(bea, "b1")
    await world.works_until("2026-03-20T15:00Z")
    assert len(world.sent) == 1


async def disputed(world: World) -> None:
    """Have Ada's debt disputed, which nobody tells preferences."""
    await world.hears(world.happens("debt.disputed", to="ada", debt_id="d1", dispute_id="x1"))


async def resolved(world: World) -> None:
    world.clock.advance(timedelta(hours=1))
    await world.hears(world.happens("debt.dispute_resolved", to="ada", debt_id="d1", dispute_id="x1"))


async def test_who_disputes_a_debt_is_erased_once_that_is_over(world: World) -> None:
    await disputed(world)

    await erases(world)

    assert await world.asks("SELECT count(*) FROM debts") == 2
    (waiting,) = await list_waiting_erasures(world.database, world.clock)
    assert (waiting.person_id, waiting.forbids) == (
        "ada",
        ["the debt d1 is disputed (x1): publish debt.dispute_resolved once that is over"],
    )
    assert await erase_deferred(database=world.database, clock=world.clock) == 0

    await resolved(world)
    assert await erase_deferred(database=world.database, clock=world.clock) == 1

    await relayed(world)
    assert await search(world.database, PERSONAL) == set()
    assert await list_waiting_erasures(world.database, world.clock) == []
    async with world.database.reading() as connection:
        found = await look_at_person(connection, "ada", clock=world.clock)
    assert found is not None
    assert found.went is not None
    assert (found.went["debts"], found.went["messages"], found.went["addresses"]) == (2, 1, 3)
    assert (found.held["debts"], found.held["messages"], found.held["addresses"]) == (0, 0, 0)


async def test_whoever_waits_behind_many_who_wait_for_long_is_erased(world: World) -> None:
    await world.runs(
        "INSERT INTO deferred_erasures (person_id, version, erased_at, heard_at)"
        " SELECT 'p' || n, 1, '2026-01-01Z', '2026-01-01Z' FROM generate_series(1, 450) AS n"
    )
    await world.runs(
        "INSERT INTO suppressions (suppression_id, person_id, kind, origin, at)"
        " SELECT 'h' || n, 'p' || n, 'bankruptcy', 'reply', '2026-01-01Z' FROM generate_series(1, 450) AS n"
    )
    await disputed(world)
    await erases(world)
    await resolved(world)

    assert await erase_deferred(database=world.database, clock=world.clock) == 1

    assert len(await list_waiting_erasures(world.database, world.clock)) == 450


async def test_nothing_is_sent_to_somebody_whose_erasure_waits(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person("ada")
    await world.debt("ada", "d1")
    await disputed(world)
    await erases(world)

    await world.has_a_text_due("ada", "d2")
    await world.works_until("2026-04-20T15:00Z")

    assert world.sent == []


async def test_a_stop_of_somebody_whose_erasure_waits_is_heard_and_outlives_it(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person("ada")
    await world.debt("ada", "d1")
    await disputed(world)
    await erases(world)

    await world.answers("STOP")
    await resolved(world)
    assert await erase_deferred(database=database, clock=world.clock) == 1

    await world.person("bea", email=None)
    await world.has_a_text_due("bea", "b1")
    await world.works_until("2026-03-20T15:00Z")
    assert world.sms.sent == []


async def test_whoever_returns_while_their_erasure_waits_is_written_to_again(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person("ada")
    await world.debt("ada", "d1")
    await disputed(world)
    await erases(world)

    await world.person("ada", phone="+13125550177", email=None)
    await world.has_a_text_due("ada", "n2")
    await world.works()

    assert [message.to for message in world.sent] == ["+13125550177"]
    assert await list_waiting_erasures(database, world.clock) == []
    assert await erase_deferred(database=database, clock=world.clock) == 0
    await world.hears(world.erased("ada"))
    await world.has_a_text_due("ada", "n3")
    await world.works_until("2026-04-20T15:00Z")
    assert len(world.sent) == 1


async def test_somebody_known_here_alone_is_erased(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt("ada", "d1")
    await world.hears(world.happens("contact.recorded", to="ada", **contact()))
    assert {one.table for one in await search(database, (NUMBER, "240.00"))} == {"contacts", "debts"}

    await erases(world)

    assert await search(database, (NUMBER, "240.00")) == set()
    assert await world.ledger() == ["answered"]
