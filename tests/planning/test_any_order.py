"""The same events end in the same facts and plan, in whatever order and however often they are heard."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.database import Database
from outreach.model.debt import Debt
from outreach.model.playbook import Conditions, Playbook
from outreach.model.touch import DesiredTouch
from outreach.planning.carry_over import carry_over
from outreach.planning.desire import Past, desired_touches, looks_the_same
from outreach.planning.record import record_debt_event
from schemas.envelope import Event
from schemas.people import HoldHeld, OptOut, PersonSnapshot
from tests.planning.events import BEGINS, NOW, STREAMS, agency_event, disturbed, parsed
from tests.support.world import World, guidance_of

PLAYBOOK = guidance_of().playbook


def debts_after(events: Iterable[Event]) -> dict[str, Debt]:
    debts: dict[str, Debt] = {}
    for each in events:
        debt_id = each.data.debt_id  # type: ignore[attr-defined]
        known = debts.get(debt_id, Debt(debt_id=debt_id, person_id="ada"))
        debts[debt_id] = record_debt_event(known, each)
    return debts


#: The same, but check-ins are for those who owe a hundred or more.
PICKY = replace(
    PLAYBOOK,
    plays={
        name: replace(each, conditions=(Conditions(minimum_balance=Decimal(100)),))
        if name in ("check_in", "introduction")
        else each
        for name, each in PLAYBOOK.plays.items()
    },
)


def plan_for(debts: dict[str, Debt], *, playbook: Playbook = PLAYBOOK) -> list[DesiredTouch]:
    wanted = desired_touches(debts.values(), playbook=playbook, past=Past(), now=NOW)
    return sorted(wanted, key=lambda each: each.touch_id)


@given(stream=STREAMS, random=st.randoms(use_true_random=False))
def test_any_order_and_repetition_ends_in_the_same_debts(
    stream: list[dict[str, Any]], random: Random
) -> None:
    events = [parsed(each) for each in stream]
    again = [parsed(each) for batch in disturbed(stream, random) for each in batch]

    assert debts_after(again) == debts_after(events)


@given(stream=STREAMS, random=st.randoms(use_true_random=False))
def test_any_order_and_repetition_ends_in_the_same_desires(
    stream: list[dict[str, Any]], random: Random
) -> None:
    events = [parsed(each) for each in stream]
    again = [parsed(each) for batch in disturbed(stream, random) for each in batch]

    assert plan_for(debts_after(again)) == plan_for(debts_after(events))


@given(stream=STREAMS)
def test_what_looks_the_same_is_planned_the_same(stream: list[dict[str, Any]]) -> None:
    known: dict[str, Debt] = {}
    for event in (parsed(each) for each in stream):
        debt_id = event.data.debt_id  # type: ignore[attr-defined]
        before = known.get(debt_id, Debt(debt_id=debt_id, person_id="ada"))
        after = known[debt_id] = record_debt_event(before, event)

        if looks_the_same(before, after, playbook=PICKY):
            assert plan_for({debt_id: before}, playbook=PICKY) == plan_for({debt_id: after}, playbook=PICKY)


@given(stream=STREAMS)
def test_each_desire_is_named_once_and_has_time_left(stream: list[dict[str, Any]]) -> None:
    plan = plan_for(debts_after(parsed(each) for each in stream))

    assert len({each.touch_id for each in plan}) == len(plan)
    assert all(each.expires_at > max(NOW, each.due_at) for each in plan)


@given(stream=STREAMS)
def test_nothing_about_money_is_desired_for_a_closed_debt(stream: list[dict[str, Any]]) -> None:
    debts = debts_after(parsed(each) for each in stream)
    closed = {debt_id for debt_id, each in debts.items() if not each.is_open}

    asking = {"introduction", "instalment_reminder", "missed_instalment", "check_in", "promise_reminder"}
    assert [each for each in plan_for(debts) if each.debt_id in closed and each.play in asking] == []


_NAMES = st.sets(st.sampled_from("abc"))
SNAPSHOTS = st.lists(st.tuples(_NAMES, _NAMES), min_size=1, max_size=5)


def snapshot(version: int, outs: set[str], lifted: set[str]) -> PersonSnapshot:
    """Return a snapshot that lifts what it names and holds the rest of what it names."""
    names = sorted(outs - lifted)
    return PersonSnapshot(
        person_id="ada",
        version=version,
        changed_at=NOW,
        opt_outs=tuple(OptOut(opt_out_id=each, channel="sms", at=NOW) for each in names),
        holds=tuple(HoldHeld(hold_id=each, kind="hardship") for each in names),
        lifted=tuple(sorted(lifted)),
        lifted_holds=tuple(sorted(lifted)),
    )


@given(said=SNAPSHOTS)
def test_what_a_snapshot_does_not_lift_by_name_still_stands(said: list[tuple[set[str], set[str]]]) -> None:
    standing: set[str] = set()
    known = snapshot(1, set(), set())
    for version, (outs, lifted) in enumerate(said, start=2):
        standing = (standing | outs) - lifted
        known = carry_over(known, snapshot(version, outs, lifted))

    assert {each.opt_out_id for each in known.opt_outs} == standing
    assert {each.hold_id for each in known.holds} == standing


@given(one=st.tuples(_NAMES, _NAMES), other=st.tuples(_NAMES, _NAMES))
def test_which_of_two_snapshots_was_heard_first_makes_no_difference(
    one: tuple[set[str], set[str]], other: tuple[set[str], set[str]]
) -> None:
    older, newer = snapshot(1, *one), snapshot(2, *other)

    assert carry_over(older, newer) == carry_over(newer, older)
    assert carry_over(carry_over(older, newer), newer) == carry_over(older, newer)


async def state(world: World, person: str) -> str:
    """Return all that is known and planned of a person, told as if it were about somebody else."""
    debts = await world.rows("SELECT debt_id, facts FROM debts WHERE person_id = $1 ORDER BY debt_id", person)
    touches = await world.rows(
        """SELECT debt_id, play, occasion, purpose, wording, channels, priority, creditor, portfolio, role,
                  details, planned_for, due_at, expires_at, status
             FROM touches
            WHERE person_id = $1 AND status IN ('planned', 'waiting')
            ORDER BY play, occasion, debt_id""",
        person,
    )
    snapshot = await world.rows("SELECT snapshot::text, version FROM snapshots WHERE person_id = $1", person)
    ledger = await world.rows(
        "SELECT at, channel, direction, outcome FROM contacts WHERE person_id = $1 ORDER BY contact_id",
        person,
    )
    addresses = await world.rows(
        "SELECT address FROM addresses WHERE person_id = $1 ORDER BY address", person
    )
    return repr([debts, touches, snapshot, ledger, addresses]).replace(person, "somebody")


def whole_stream(random: Random, person: str) -> list[dict[str, Any]]:
    """Return a stream with snapshots and contacts among what happens to two debts."""
    told: list[dict[str, Any]] = []
    for number in range(random.randint(4, 14)):
        at = BEGINS.replace(day=random.randint(2, 27), hour=random.choice([8, 12, 15]))
        kind, data = random.choice(SENTENCES)
        if "debt_id" in data:
            # Nobody else owes it: money is shared among those who do.
            data = {**data, "debt_id": f"{data['debt_id']}-{person}"}
        told.append(agency_event(number, at, kind, data, to=person))
    for version in range(1, 4):
        data = {
            "person_id": person,
            "version": version,
            "changed_at": BEGINS.isoformat(),
            "phones": [{"number": f"+1312555015{version}", "kind": "mobile"}],
        }
        told.append(agency_event(100 + version, BEGINS, "person.snapshot", data, to=person))
    return told


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


PARTS = [{"number": 1, "due_on": "2026-03-10", "amount": money("50.00")}]
PLACED = {"role": "third_party", "reference": "A-1", "balance": money("100.00")}
SENTENCES: list[tuple[str, dict[str, Any]]] = [
    ("debt.placed", {"debt_id": "d1", "creditor": "northwind", **PLACED}),
    ("debt.placed", {"debt_id": "d1", "creditor": "lakeside", **PLACED}),
    ("debt.placed", {"debt_id": "d2", "creditor": "northwind", **PLACED}),
    ("debt.updated", {"debt_id": "d1", "balance": money("80.00")}),
    ("debt.closed", {"debt_id": "d2", "reason": "recalled"}),
    ("debt.disputed", {"debt_id": "d1", "dispute_id": "1"}),
    ("debt.dispute_resolved", {"debt_id": "d1", "dispute_id": "1"}),
    ("payment.received", {"debt_id": "d1", "payment_id": "1", "amount": money("20.00")}),
    ("payment.reversed", {"debt_id": "d1", "payment_id": "1"}),
    ("payment.failed", {"debt_id": "d2", "payment_id": "2"}),
    ("plan.agreed", {"debt_id": "d1", "plan_id": "1", "instalments": PARTS}),
    ("plan.cancelled", {"debt_id": "d1", "plan_id": "1"}),
    ("promise.made", {"debt_id": "d2", "promise_id": "1", "amount": money("9.00"), "due_on": "2026-03-05"}),
    ("promise.broken", {"debt_id": "d2", "promise_id": "1"}),
    (
        "contact.recorded",
        {"contact_id": "c1", "channel": "voice", "direction": "outbound", "outcome": "answered"},
    ),
    (
        "contact.recorded",
        {"contact_id": "c2", "channel": "letter", "direction": "outbound", "outcome": "unknown"},
    ),
]


@pytest.mark.parametrize("half", [0, 1])
async def test_any_order_repetition_and_batching_ends_in_the_same_stored_state(
    database: Database, half: int
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    for seed in range(10 * half, 10 * half + 10):
        one, other = f"one{seed:02}", f"two{seed:02}"
        stream = whole_stream(Random(seed), one)
        same = whole_stream(Random(seed), other)

        for each in sorted(stream, key=lambda event: event["time"]):
            await world.hears(each)
        for batch in disturbed(same, Random(seed)):
            await world.hears(*batch)

        assert await state(world, other) == await state(world, one), f"seed {seed}"


async def test_planning_again_changes_nothing(database: Database) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    for seed in range(5):
        await world.hears(*whole_stream(Random(seed), f"one{seed:02}"))
    before = await world.rows("SELECT * FROM touches ORDER BY touch_id")
    published = await world.published()

    await world.replans()
    await world.replans()

    assert await world.rows("SELECT * FROM touches ORDER BY touch_id") == before
    assert await world.published() == published
