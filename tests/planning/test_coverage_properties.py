"""For any events in any order: nothing is missing while what came covers what was due, and amounts add up.

A second, naive implementation works the same out from the events alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import parse_instant
from outreach.model.debt import Debt
from outreach.planning.codebtors import share_money
from outreach.planning.coverage import instalments_left, promise_left
from outreach.planning.record import record_debt_event
from schemas import envelope

AGREED = parse_instant("2026-03-02T15:00Z")
NOW = parse_instant("2026-09-01T00:00Z")


@dataclass(frozen=True)
class Payment:
    """A payment, after so many hours, and what of it went back."""

    hours: int
    cents: int
    back: int


PAYMENTS = st.lists(
    st.builds(Payment, hours=st.integers(1, 3000), cents=st.integers(1, 20_000), back=st.integers(0, 20_000)),
    max_size=6,
)
PLANS = st.lists(st.integers(1, 10_000), min_size=1, max_size=5)


def event(number: int, kind: str, time: datetime, **data: object) -> envelope.Event:
    """An event as it is read from Kafka, about Ada unless it says `person`."""
    person = str(data.pop("person", "ada"))
    topic = "payments.v1" if kind.startswith(("payment", "plan", "promise")) else "debts.v1"
    content = {
        "specversion": "1.0",
        "id": f"e{number:03}",
        "source": "agency",
        "type": f"{kind}.v1",
        "subject": person,
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "data": {"debt_id": "d1", **data},
    }
    return envelope.parse(
        topic=topic,
        key=person.encode(),
        value=msgspec.json.encode(content),
        headers=(("content-type", b"application/cloudevents+json"),),
        now=NOW,
    )


def usd(cents: int) -> dict[str, str]:
    return {"amount": f"{Decimal(cents) / 100:.2f}", "currency": "USD"}


def events_of(plan: Sequence[int], payments: Sequence[Payment]) -> list[envelope.Event]:
    instalments = [
        {
            "number": number,
            "due_on": str(date(2026, 3, 10) + timedelta(days=30 * number)),
            "amount": usd(cents),
        }
        for number, cents in enumerate(plan, 1)
    ]
    told = [event(0, "plan.agreed", AGREED, plan_id="p1", instalments=instalments)]
    for number, payment in enumerate(payments, 1):
        at = AGREED + timedelta(hours=payment.hours)
        told.append(
            event(2 * number, "payment.received", at, payment_id=f"pay{number}", amount=usd(payment.cents))
        )
        if payment.back:
            told.append(
                event(
                    2 * number + 1,
                    "payment.reversed",
                    at + timedelta(hours=1),
                    payment_id=f"pay{number}",
                    amount=usd(payment.back),
                )
            )
    return told


def naively_left(plan: Sequence[int], payments: Sequence[Payment]) -> list[int]:
    """What is left of each instalment in cents, cent by cent."""
    purse = sum(max(payment.cents - payment.back, 0) for payment in payments)
    left = []
    for cents in plan:
        paid = min(purse, cents)
        purse -= paid
        left.append(cents - paid)
    return left


@given(plan=PLANS, payments=PAYMENTS, seed=st.integers(0, 1000))
def test_what_is_left_is_what_a_naive_count_of_the_events_says_in_any_order(
    plan: list[int], payments: list[Payment], seed: int
) -> None:
    told = events_of(plan, payments)
    Random(seed).shuffle(told)
    debt = Debt(debt_id="d1", person_id="ada")
    for one in told:
        debt = record_debt_event(debt, one)

    left = instalments_left(debt, calendar=lambda instant: instant.astimezone(UTC).date(), now=NOW)

    expected = naively_left(plan, payments)
    assert [(part.number, int(part.left.amount * 100)) for part in left] == [
        (number, cents) for number, cents in enumerate(expected, 1) if cents
    ]
    came = sum(max(payment.cents - payment.back, 0) for payment in payments)
    for part in left:
        assert part.is_missing == (came < sum(plan[: part.number]))


@given(plan=PLANS, payments=PAYMENTS)
def test_one_more_payment_never_leaves_more_to_pay(plan: list[int], payments: list[Payment]) -> None:
    sums = []
    for number in range(len(payments) + 1):
        debt = Debt(debt_id="d1", person_id="ada")
        for one in events_of(plan, [Payment(each.hours, each.cents, 0) for each in payments[:number]]):
            debt = record_debt_event(debt, one)
        left = instalments_left(debt, calendar=lambda instant: instant.date(), now=NOW)
        sums.append(sum(part.left.amount for part in left))

    assert all(later <= earlier for earlier, later in pairwise(sums))


@dataclass(frozen=True)
class Attempt:
    """A payment by one of two who owe the debt; how it began, what became of it, and what went back of it."""

    payer: str
    hours: int
    cents: int
    was_started: bool
    ends: str
    back: int

    @property
    def stayed(self) -> int:
        return max(self.cents - self.back, 0) if self.ends == "received" else 0


ATTEMPTS = st.lists(
    st.builds(
        Attempt,
        payer=st.sampled_from(["ada", "bob"]),
        hours=st.integers(1, 3000),
        cents=st.integers(1, 20_000),
        was_started=st.booleans(),
        ends=st.sampled_from(["received", "failed", "nothing"]),
        back=st.integers(0, 20_000),
    ),
    max_size=5,
)


def told_of(attempts: Sequence[Attempt]) -> list[envelope.Event]:
    told = []
    for number, attempt in enumerate(attempts, 1):
        at = AGREED + timedelta(hours=attempt.hours)
        about = {"payment_id": f"pay{number}", "person": attempt.payer}
        if attempt.was_started:
            told.append(event(10 * number, "payment.started", at, amount=usd(attempt.cents), **about))
        if attempt.ends != "nothing":
            kind = f"payment.{attempt.ends}"
            later = at + timedelta(hours=2)
            told.append(event(10 * number + 1, kind, later, amount=usd(attempt.cents), **about))
        if attempt.ends == "received" and attempt.back:
            later = at + timedelta(hours=4)
            told.append(event(10 * number + 2, "payment.reversed", later, amount=usd(attempt.back), **about))
    return told


def heard_by_both(told: Sequence[envelope.Event]) -> Debt:
    """Return Ada's debt after all of it, shared with Bob's after each event."""
    owing = {name: Debt(debt_id="d1", person_id=name) for name in ("ada", "bob")}
    for one in told:
        owing[one.person_id] = record_debt_event(owing[one.person_id], one)
        owing = {debt.person_id: debt for debt in share_money([*owing.values()])}
    return owing["ada"]


@given(plan=PLANS, attempts=ATTEMPTS, seed=st.integers(0, 1000))
def test_money_of_whoever_owes_it_counts_once_however_it_came_and_in_any_order(
    plan: list[int], attempts: list[Attempt], seed: int
) -> None:
    told = [*events_of(plan, []), *told_of(attempts)]
    Random(seed).shuffle(told)

    left = instalments_left(
        heard_by_both(told), calendar=lambda instant: instant.astimezone(UTC).date(), now=NOW
    )

    came = sum(attempt.stayed for attempt in attempts)
    expected = naively_left(plan, [Payment(0, came, 0)])
    assert [(part.number, int(part.left.amount * 100)) for part in left] == [
        (number, cents) for number, cents in enumerate(expected, 1) if cents
    ]
    for part in left:
        assert part.is_missing == (came < sum(plan[: part.number]))


@given(cents=st.integers(1, 20_000), attempts=ATTEMPTS, seed=st.integers(0, 1000))
def test_what_is_left_of_a_promise_is_what_a_naive_count_says_in_any_order(
    cents: int, attempts: list[Attempt], seed: int
) -> None:
    told = [
        event(0, "promise.made", AGREED, promise_id="x", amount=usd(cents), due_on="2026-09-20"),
        *told_of(attempts),
    ]
    Random(seed).shuffle(told)

    left = promise_left(heard_by_both(told), now=NOW)

    expected = cents - sum(attempt.stayed for attempt in attempts)
    assert (0 if left is None else int(left.left.amount * 100)) == max(expected, 0)
