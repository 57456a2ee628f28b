"""A fictional agency of any size: people of many places, and what happens to them, as Kafka records.

The same number always gives the same person, so that every round and every rival gets the same work.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from foundation.records import Record
from schemas import topics
from schemas.registry import EVENT_TYPES

#: Region, postal code and area codes; a number is only ever 555-01xx.
PLACES = (
    ("IL", "60614", "312 773 630 847 708 815 217 309 618"),
    ("NY", "10025", "212 718 917 347 516 914 585 716 315"),
    ("CA", "90012", "213 310 415 510 619 714 818 916 408"),
    ("TX", "75201", "214 512 713 210 817 972 281 832 409"),
    ("FL", "33101", "305 407 813 904 561 954 321 352 386"),
    ("PA", "19103", "215 412 610 717 814 570 724 267 484"),
    ("OH", "43004", "216 614 513 937 419 330 440 740 234"),
    ("GA", "30303", "404 770 706 912 229 478 678 762 470"),
    ("MI", "48201", "313 248 517 616 734 586 810 989 231"),
    ("NJ", "07102", "201 973 732 908 609 856 551 848 862"),
)

_NUMBERS = 100

#: Shortly before the bench's Monday.
CHECKED_AT = "2026-02-25T12:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Published:
    """A record before Kafka has it."""

    topic: str
    key: bytes
    value: bytes


HEADERS = (("content-type", b"application/cloudevents+json"),)


def person_id(number: int) -> str:
    return f"p{number:08}"


def phone(number: int) -> str:
    """Return one of 9,000 numbers; people further on share one, as some do."""
    _, _, codes = PLACES[number % len(PLACES)]
    area = codes.split()[number // len(PLACES) % len(codes.split())]
    return f"+1{area}55501{number // len(PLACES) // 9 % _NUMBERS:02}"


def is_texted(number: int) -> bool:
    """Seven of ten have had their number checked of late, as a text needs; the others are written to."""
    return number // len(PLACES) % 10 < 7


def snapshot(number: int, *, at: datetime, version: int = 1) -> dict[str, Any]:
    """Return what preferences publish about a person who allows texts and email."""
    region, postal_code, _ = PLACES[number % len(PLACES)]
    given_at = _text(at - timedelta(days=20))
    return {
        "person_id": person_id(number),
        "version": version,
        "changed_at": _text(at),
        "names": {"given": f"Person{number}", "family": "Example"},
        "language": "es" if number % 7 == 0 else "en",
        "addresses": [{"country": "US", "region": region, "postal_code": postal_code}],
        "phones": [{"number": phone(number), "kind": "mobile"}],
        "emails": [{"address": f"person{number}@example.com"}],
        "consents": [
            {"channel": channel, "basis": "written", "at": given_at} for channel in ("sms", "email")
        ],
        "number_checks": (
            [{"number": phone(number), "result": "not_reassigned", "at": CHECKED_AT}]
            if is_texted(number)
            else []
        ),
    }


def event(kind: str, number: int, *, name: str, at: datetime, data: Mapping[str, Any]) -> Published:
    """Return an event of the agency's systems; the same name is the same event."""
    kind = f"{kind}.v1"
    body = {
        "specversion": "1.0",
        "id": f"{kind}/{number}/{name}",
        "source": "agency",
        "type": kind,
        "subject": person_id(number),
        "time": _text(at),
        "datacontenttype": "application/json",
        "data": data,
    }
    return Published(EVENT_TYPES[kind].topic, person_id(number).encode(), msgspec.json.encode(body))


def debt_id(number: int, name: str = "d1") -> str:
    """Return the id of a debt of one person; no two people owe the same one."""
    return f"{name}-{number}"


def known(number: int, *, at: datetime) -> Published:
    return event("person.snapshot", number, name="1", at=at, data=snapshot(number, at=at))


def placed(number: int, debt: str = "d1", *, at: datetime) -> Published:
    return event(
        "debt.placed",
        number,
        name=debt,
        at=at,
        data={
            "debt_id": debt_id(number, debt),
            "creditor": "northwind" if number % 2 else "lakeside",
            "role": "third_party",
            "reference": f"NW-{number}-{debt}",
            "balance": usd("240.00"),
        },
    )


def plan(number: int, *, at: datetime, first: str, name: str = "p1", instalments: int = 3) -> Published:
    """Return an agreed plan of monthly instalments, the first on a date like `2026-03-05`."""
    year, month, day = (int(part) for part in first.split("-"))
    due = [
        f"{year + (month + n - 1) // 12}-{(month + n - 1) % 12 + 1:02}-{day:02}" for n in range(instalments)
    ]
    return event(
        "plan.agreed",
        number,
        name=name,
        at=at,
        data={
            "debt_id": debt_id(number),
            "plan_id": name,
            "instalments": [
                {"number": n + 1, "due_on": number, "amount": usd("80.00")} for n, number in enumerate(due)
            ],
        },
    )


def paid(number: int, *, at: datetime, payment: str = "pay1") -> Published:
    data = {**_payment(number, payment), "balance": usd("220.00")}
    return event("payment.received", number, name=payment, at=at, data=data)


def _payment(number: int, payment: str) -> dict[str, Any]:
    return {"debt_id": debt_id(number), "payment_id": payment, "amount": usd("20.00")}


def called(number: int, n: int, *, at: datetime, outcome: str = "unanswered") -> Published:
    """Return a call that another system made."""
    data = {
        "contact_id": f"c{number}-{n}",
        "channel": "voice",
        "direction": "outbound",
        "outcome": outcome,
        "debt_id": debt_id(number),
    }
    return event("contact.recorded", number, name=str(n), at=at, data=data)


def updated(number: int, *, at: datetime, name: str = "u1", balance: str = "231.50") -> Published:
    return event(
        "debt.updated", number, name=name, at=at, data={"debt_id": debt_id(number), "balance": usd(balance)}
    )


def days(people: int, *, at: datetime) -> Iterator[Published]:
    """Yield, for ten people: ten snapshots, twelve debts, six updates, four payments, two plans, six calls."""
    for number in range(people):
        yield known(number, at=at - timedelta(hours=3))
        yield placed(number, at=at - timedelta(hours=2))
        if number % 5 == 0:
            yield placed(number, "d2", at=at - timedelta(hours=2))
        if number % 5 < 3:
            yield updated(number, at=at - timedelta(minutes=60))
            yield called(number, 1, at=at - timedelta(minutes=50))
        if number % 5 == 1:
            yield plan(number, at=at - timedelta(minutes=40), first="2026-03-05")
        if number % 5 < 2:
            yield paid(number, at=at - timedelta(minutes=30))


def _promised(number: int) -> dict[str, Any]:
    return {"debt_id": debt_id(number), "promise_id": "o1", "amount": usd("80.00"), "due_on": "2026-03-10"}


def _recalled(number: int) -> dict[str, Any]:
    return {"debt_id": debt_id(number), "reason": "recalled"}


#: What happens to a hundred people on a working day: how many of them, and what. We made it up; no agency's
#: traffic was looked at.
_WORKING_DAY: Sequence[tuple[int, Callable[[int, datetime], Published]]] = (
    (40, lambda who, at: updated(who, at=at, name="u2", balance="232.10")),
    (24, lambda who, at: called(who, 2, at=at)),
    (6, lambda who, at: called(who, 2, at=at, outcome="answered")),
    (8, lambda who, at: paid(who, at=at, payment="pay2")),
    (2, lambda who, at: event("payment.failed", who, name="pay2", at=at, data=_payment(who, "pay2"))),
    (6, lambda who, at: event("person.snapshot", who, name="2", at=at, data=snapshot(who, at=at, version=2))),
    (6, lambda who, at: placed(who, "d3", at=at)),
    (3, lambda who, at: plan(who, at=at, first="2026-03-09", name="p2")),
    (2, lambda who, at: event("promise.made", who, name="o1", at=at, data=_promised(who))),
    (3, lambda who, at: event("debt.closed", who, name="c1", at=at, data=_recalled(who))),
)


def working_day(people: int, *, at: datetime) -> Iterator[Published]:
    """Yield one event for each of these people, known since `days`, in the half hour before `at`."""
    happenings = [happens for share, happens in _WORKING_DAY for _ in range(share)]
    for number in range(people):
        # 37 has no factor in common with 100, so each kind of event is about all kinds of people.
        yield happenings[number * 37 % len(happenings)](number, at - timedelta(minutes=1 + number % 29))


def as_records(published: Iterator[Published] | list[Published]) -> list[Record]:
    """Return records as Kafka would hand them over, for work that begins after Kafka."""
    offsets: dict[str, int] = {}
    records = []
    for message in published:
        offset = offsets[message.topic] = offsets.get(message.topic, -1) + 1
        records.append(Record(message.topic, 0, offset, message.key, message.value, HEADERS))
    return records


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def _text(at: datetime) -> str:
    return at.isoformat()


TOPICS = (topics.PEOPLE, topics.DEBTS, topics.PAYMENTS, topics.CONTACTS)
