"""Records that nobody can read: kept with their reason, passed by, and waited for."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from foundation import quarantine
from foundation.database import Database
from foundation.quarantine import AlreadyDecided, RecordNotFound
from foundation.records import Record
from outreach.desk.quarantine import dismiss, replay
from schemas.envelope import Malformed
from tests.support.staff import EVE, STAFF
from tests.support.world import World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
STRUCTURED = (("content-type", b"application/cloudevents+json"),)


def bad_records(world: World) -> dict[str, Record]:
    """Return one record of each kind that nobody can read, by its reason."""
    good = world.places("ada", "d9")

    def record(offset: int, event: object, *, key: bytes | None = b"ada", topic: str = "debts.v1") -> Record:
        return Record(topic, 7, offset, key, msgspec.json.encode(event), STRUCTURED)

    late = world.happens("debt.closed", to="ada", at="2026-03-02T15:06Z", debt_id="d9", reason="paid")
    return {
        "not_json": Record("debts.v1", 7, 0, b"ada", b"{not json", STRUCTURED),
        "bad_headers": Record("debts.v1", 7, 1, b"ada", b"{}", (("content-type", b"\xff"),)),
        "empty": Record("debts.v1", 7, 2, b"ada", None, STRUCTURED),
        "unknown_type": record(3, {**good, "type": "debt.teleported.v1"}),
        "wrong_schema": record(4, {**good, "data": {"debt_id": "d9"}}),
        "future_version": record(5, {**good, "type": "debt.placed.v9"}),
        "future_time": record(6, late),
        "wrong_key": record(7, good, key=b"bob"),
        "too_large": Record("debts.v1", 7, 8, b"ada", b" " * 2_000_000, STRUCTURED),
        "wrong_topic": record(9, good, topic="payments.v1"),
    }


async def test_each_kind_of_bad_record_lands_with_its_reason_and_harms_no_neighbour(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    bad = bad_records(world)
    await world.person("eve")

    await world.reads([*bad.values(), world.record(world.places("eve"))])

    kept = await world.rows("SELECT reason, topic, partition, record_offset FROM quarantine ORDER BY id")
    assert {each["reason"]: each["record_offset"] for each in kept} == {
        reason: record.offset for reason, record in bad.items()
    }
    assert await world.published("outreach.quarantine.v1") == ["record.quarantined"] * len(bad)
    assert (await world.touches("eve"))["introduction placed"] == "planned"


async def test_a_bad_record_that_is_read_again_is_kept_once(database: Database) -> None:
    world = World(database, now=MORNING)
    bad = list(bad_records(world).values())

    await world.reads(bad)
    await world.reads(bad)

    assert await world.asks("SELECT count(*) FROM quarantine") == len(bad)
    assert len(await world.published("outreach.quarantine.v1")) == len(bad)


async def test_whoever_it_names_waits_until_the_record_is_dismissed(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    calls = await world.claims()

    await world.reads([Record("payments.v1", 0, 9, b"ada", b"?", ())])
    await world.calls(calls)
    await world.works_until("2026-03-02T16:00Z")
    assert world.sent == []
    assert (await world.touch())["reason"] == "facts_unavailable"

    async with database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)
    await dismiss(kept.id, actor=STAFF, database=database, clock=world.clock)
    with pytest.raises(AlreadyDecided):
        await dismiss(kept.id, actor=EVE, database=database, clock=world.clock)
    await world.works()
    assert len(world.sms.sent) == 1


async def test_a_replayed_record_says_what_it_meant_and_its_person_goes_on(database: Database) -> None:
    """A publisher's clock was ahead; ten minutes later the record can be read."""
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    ahead = world.happens("debt.closed", to="ada", at="2026-03-02T15:06Z", debt_id="d1", reason="recalled")
    await world.reads([world.record(ahead)])
    await world.works_until("2026-03-02T15:10Z")
    assert world.sent == []

    async with database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)
    playbook = world.guidance.playbook
    await replay(kept.id, actor=STAFF, database=database, playbook=playbook, clock=world.clock)
    await world.works()

    facts = await world.asks("SELECT facts FROM debts WHERE debt_id = 'd1'")
    assert facts["status"]["value"] == "recalled"
    assert len(world.sent) == 1


async def test_a_record_that_still_cannot_be_read_stays_and_one_that_is_closed_is_not_read_again(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person()
    playbook = world.guidance.playbook
    await world.reads([Record("debts.v1", 0, 9, b"ada", b"?", ())])
    async with database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)

    with pytest.raises(Malformed):
        await replay(kept.id, actor=STAFF, database=database, playbook=playbook, clock=world.clock)
    assert await world.asks("SELECT state FROM quarantine") == "open"

    await dismiss(kept.id, actor=STAFF, database=database, clock=world.clock)
    with pytest.raises(AlreadyDecided):
        await replay(kept.id, actor=EVE, database=database, playbook=playbook, clock=world.clock)
    with pytest.raises(RecordNotFound):
        await replay(kept.id + 1, actor=EVE, database=database, playbook=playbook, clock=world.clock)
    assert await world.asks("SELECT closed_by FROM quarantine") == "staff"


async def test_of_two_who_decide_at_once_one_does_and_the_other_hears_that_it_was_decided(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person()
    ahead = world.happens(
        "debt.placed", to="ada", at="2026-03-02T15:06Z", **world.places("ada", "d9")["data"]
    )
    await world.reads([world.record(ahead)])
    world.clock.advance(timedelta(minutes=10))
    async with database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)
    playbook = world.guidance.playbook

    outcomes = await asyncio.gather(
        replay(kept.id, actor=STAFF, database=database, playbook=playbook, clock=world.clock),
        dismiss(kept.id, actor=EVE, database=database, clock=world.clock),
        return_exceptions=True,
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyDecided", "NoneType"]
    state = await world.asks("SELECT state FROM quarantine")
    assert await world.asks("SELECT count(*) FROM debts WHERE debt_id = 'd9'") == (state == "replayed")


async def test_somebody_whose_snapshot_says_that_it_is_incomplete_waits(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(unreadable=True)
    await world.has_a_text_due()

    await world.works()

    assert (await world.touch())["reason"] == "facts_unavailable"


async def test_what_is_published_about_a_person_is_numbered_without_gaps_and_in_order(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    for person, number in (("ada", "+13125550142"), ("bob", "+13125550143")):
        await world.person(person, phone=number)
        await world.has_a_text_due(person)
        await world.debt(person, "d2")
    await world.works()
    for phone in ("+13125550142", "+13125550143"):
        await world.answers("STOP", phone=phone)
    for person in ("ada", "bob"):
        await world.hears(
            world.happens("payment.received", to=person, debt_id="d1", payment_id="p9", amount=usd("1.00"))
        )
    await world.works_until("2026-03-20T15:00Z")

    rows = await world.rows("SELECT topic, key, sequence FROM outbox ORDER BY position")
    by_head: dict[tuple[str, str], list[int]] = {}
    for each in rows:
        by_head.setdefault((each["topic"], each["key"]), []).append(each["sequence"])

    assert len(by_head) == 4
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in by_head.values())


async def test_a_payment_under_the_id_of_another_event_is_kept_aside_and_its_person_waits(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person()
    placed = world.places("ada")
    await world.hears(placed)
    payment = world.happens(
        "payment.received",
        to="ada",
        debt_id="d1",
        payment_id="p1",
        amount=usd("40.00"),
        balance=usd("200.00"),
    )

    await world.hears(payment | {"id": placed["id"]})

    assert await world.rows("SELECT reason, person FROM quarantine") == [
        {"reason": "changed_content", "person": "ada"}
    ]
    assert await world.published("outreach.quarantine.v1") == ["record.quarantined"]

    async with database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)
    await replay(kept.id, actor=STAFF, database=database, playbook=world.guidance.playbook, clock=world.clock)

    facts = await world.asks("SELECT facts FROM debts WHERE debt_id = 'd1'")
    assert facts["balance"]["value"]["amount"] == "200.00"
    assert await world.asks("SELECT state FROM quarantine") == "replayed"


async def test_balances_under_one_id_are_kept_aside_and_nobody_waits(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    first = world.happens("debt.updated", to="ada", debt_id="d1", balance=usd("200.00"))
    second = world.happens("debt.updated", to="ada", debt_id="d1", balance=usd("190.00"))

    await world.hears(world.places("ada"), first, second | {"id": first["id"]})
    await world.hears(first)

    assert await world.rows("SELECT reason, person FROM quarantine") == [
        {"reason": "changed_content", "person": None}
    ]
