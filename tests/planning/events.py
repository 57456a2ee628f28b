"""Streams of events about one person, as the agency's systems could publish them."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from foundation.clock import parse_instant
from schemas import envelope
from schemas.envelope import Event
from tests.support.cloud_events import cloud_event, record_of

#: Everything happens in the four weeks before this Monday.
NOW = parse_instant("2026-03-02T15:00Z")
BEGINS = parse_instant("2026-02-02T15:00Z")

Said = tuple[str, dict[str, Any]]


def usd(amount: int) -> dict[str, str]:
    return {"amount": f"{amount}.00", "currency": "USD"}


_DEBTS = ["d1", "d2"]
_DAYS = ["2026-03-04", "2026-03-10", "2026-03-20"]
_AMOUNTS = st.integers(1, 90).map(usd)
_MAYBE = st.none() | st.integers(0, 200).map(usd)


def _about(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Said]:
    """Return what an event of this kind may say; a field that is None is left out."""
    said = st.fixed_dictionaries({"debt_id": st.sampled_from(_DEBTS), **fields})
    return said.map(lambda data: (kind, {key: value for key, value in data.items() if value is not None}))


_INSTALMENTS = st.lists(st.tuples(st.sampled_from(_DAYS), _AMOUNTS), min_size=1, max_size=3).map(
    lambda parts: [
        {"number": number, "due_on": day, "amount": amount}
        for number, (day, amount) in enumerate(parts, start=1)
    ]
)
_AGREED = st.integers(0, 27).map(lambda days: (BEGINS + timedelta(days=days)).isoformat())
_ONE, _TWO = st.just("1"), st.sampled_from(["1", "2"])

SAID: st.SearchStrategy[Said] = st.one_of(
    _about(
        "debt.placed",
        creditor=st.sampled_from(["northwind", "lakeside"]),
        role=st.sampled_from(["third_party", "first_party"]),
        reference=st.sampled_from(["A-1", "A-2"]),
        balance=st.integers(0, 300).map(usd),
    ),
    _about("debt.updated", balance=st.integers(0, 300).map(usd)),
    _about("debt.updated", status=st.sampled_from(["open", "on_hold"])),
    _about("debt.closed", reason=st.sampled_from(["paid", "settled", "recalled"])),
    _about("debt.disputed", dispute_id=_TWO),
    _about("debt.dispute_resolved", dispute_id=_TWO),
    _about("payment.received", payment_id=_TWO, amount=_AMOUNTS, balance=_MAYBE),
    _about("payment.started", payment_id=_TWO, amount=_AMOUNTS),
    _about("payment.failed", payment_id=_TWO),
    _about("payment.reversed", payment_id=_TWO),
    _about("payment.reversed", payment_id=_TWO, amount=_AMOUNTS),
    _about("plan.agreed", plan_id=_TWO, instalments=_INSTALMENTS),
    _about("plan.agreed", plan_id=_TWO, instalments=_INSTALMENTS, agreed_at=_AGREED),
    _about("plan.changed", plan_id=_TWO, instalments=_INSTALMENTS),
    _about("plan.cancelled", plan_id=_TWO),
    _about("promise.made", promise_id=_ONE, amount=_AMOUNTS, due_on=st.sampled_from(_DAYS)),
    _about("promise.kept", promise_id=_ONE),
    _about("promise.broken", promise_id=_ONE),
)

#: Hours after the beginning; few of them, so that events often share an instant.
HOURS = st.integers(0, 27 * 24).filter(lambda hour: hour % 9 == 0) | st.integers(0, 12)

STREAMS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(st.tuples(HOURS, SAID), max_size=12).map(
    lambda stream: [
        agency_event(number, BEGINS + timedelta(hours=hour), *said)
        for number, (hour, said) in enumerate(stream)
    ]
)


def agency_event(
    number: int, at: datetime, kind: str, data: dict[str, Any], *, to: str = "ada"
) -> dict[str, Any]:
    """Return one event as it travels."""
    return cloud_event(f"{kind}.v1", data, to=to, at=at, event_id=f"e{number:03}", source=f"agency-of-{to}")


def parsed(event: dict[str, Any]) -> Event:
    """Return the event as ingest gets it."""
    record = record_of(event)
    return envelope.parse(
        topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=NOW
    )


def disturbed(stream: list[dict[str, Any]], random: Random) -> list[list[dict[str, Any]]]:
    """Return the same events in another order, some of them twice, in batches of any size."""
    events = [*stream, *random.sample(stream, k=len(stream) // 3)]
    random.shuffle(events)
    batches: list[list[dict[str, Any]]] = []
    while events:
        size = random.randint(1, 6)
        batches.append(events[:size])
        events = events[size:]
    return batches
