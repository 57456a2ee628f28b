"""A few people's weeks as timelines: what happened, what they were sent, and why something waited."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from foundation.database import Connection
from foundation.sql import queries
from outreach.demo import summary
from outreach.demo.demo import Played
from outreach.demo.happenings import (
    AgencyEvent,
    Answered,
    Garbled,
    Happening,
    Introduced,
    Unsubscribed,
    Visited,
    Wrote,
)
from outreach.demo.population import Resident, Temper
from outreach.demo.words import purpose, waited
from outreach.model.person import Evidence
from outreach.policy.evidence import locate

_SQL = queries(summary.__file__)

_LONGEST = 16
#: In this order where several things happened at one instant.
_ORDER = ("happened", "wrote", "waited", "stopped", "given_up", "sent")
_TOLD = {
    "debt.placed": "a debt of {balance} is placed with us",
    "debt.disputed": "disputes the debt",
    "debt.dispute_resolved": "the dispute is answered",
    "debt.closed": "the account is closed: {reason}",
    "debt.updated": "the balance is now {balance}",
    "payment.received": "pays {amount}",
    "payment.failed": "a payment of {amount} fails",
    "plan.agreed": "agrees to pay in {parts} parts",
    "promise.made": "promises to pay {amount} by {due_on}",
    "promise.kept": "keeps the promise",
    "promise.broken": "the promised payment does not come",
    "notice.posted": "the written notice was posted",
    "contact.recorded": "is called by somebody else of the agency ({outcome})",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a timeline. `kind` is happened, wrote, sent, waited, stopped or given_up."""

    at: datetime
    local: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonStory:
    """One person's weeks, in their local time."""

    person_id: str
    title: str
    lines: Sequence[Line]


async def tell_stories(connection: Connection, played: Played) -> list[PersonStory]:
    """Return the stories of the people with the most to tell, one for each way to take it."""
    rated = {row["person_id"]: row for row in await _SQL.rate_people(connection)}
    chosen = [
        _richest((resident for resident in played.residents if resident.temper in tempers), rated)
        for tempers in (
            {Temper.AGREES},
            {Temper.STOPS},
            {Temper.PROMISES, Temper.DISPUTES, Temper.WRITES, Temper.PAYS_IN_PARTS},
        )
    ]
    return [await _story(connection, person, played) for person in chosen if person is not None]


def _richest(people: Iterable[Resident], rated: dict[str, Any]) -> Resident | None:
    def sides(resident: Resident) -> tuple[int, int]:
        row = rated.get(resident.person_id)
        if row is None:
            return 0, 0
        moved = resident.phone_of != resident.place
        return (
            min(row["sent"], 5) + 3 * min(row["waited"], 2) + 2 * min(row["given_up"], 2) + 3 * moved,
            -len(resident.accounts),
        )

    return max((person for person in people if sides(person)[0] > 0), key=sides, default=None)


async def _story(connection: Connection, who: Resident, played: Played) -> PersonStory:
    lines = [
        *_happened(who, played.chronicle.happenings[who.person_id]),
        *_sent(await _SQL.list_messages(connection, person_id=who.person_id), who),
        *_waits(await _SQL.list_waits(connection, person_id=who.person_id), who),
        *_given_up(await _SQL.list_given_up(connection, person_id=who.person_id), who),
    ]
    lines.sort(key=lambda line: (line.at, _ORDER.index(line.kind), line.text))
    number = f", with a number from {who.phone_of.city}" if who.phone_of != who.place else ""
    return PersonStory(
        person_id=who.person_id,
        title=f"{who.full_name}, {who.place.shown}{number}",
        lines=lines[:_LONGEST],
    )


def _line(at: datetime, who: Resident, kind: str, text: str) -> Line:
    local = at.astimezone(ZoneInfo(who.place.zone))
    return Line(at=at, local=f"{local:%a %b %d %H:%M}", kind=kind, text=text)


def _happened(who: Resident, happenings: Iterable[Happening]) -> Iterator[Line]:
    for happening in happenings:
        match happening:
            case AgencyEvent(kind="debt.closed") if happening.data["reason"] == "paid":
                continue
            case AgencyEvent(kind=kind, data=data):
                yield _line(happening.at, who, "happened", _TOLD.get(kind, kind).format(**_shown(data)))
            case Introduced():
                continue
            case Visited(why=why):
                yield _line(happening.at, who, "wrote", f"opens the page behind the link {why}")
            case Answered():
                yield _line(happening.at, who, "happened", "a human has answered")
            case Wrote():
                yield _line(happening.at, who, "wrote", _said(happening))
            case Unsubscribed():
                yield _line(happening.at, who, "wrote", "presses “unsubscribe” in an email")
            case Garbled():
                yield _line(
                    happening.at, who, "happened", "another system says something that nobody can read"
                )


def _said(wrote: Wrote) -> str:
    if wrote.by_a_program:
        return f"their mail program answers: {wrote.text}"
    return wrote.text if wrote.answers is None else f"by email: {' '.join(wrote.text.split())}"


def _shown(data: Any) -> dict[str, Any]:
    money = {name: value for name, value in data.items() if isinstance(value, dict)}
    return {
        **data,
        **{name: f"{amount['amount']} {amount['currency']}" for name, amount in money.items()},
        "parts": len(data.get("instalments", ())),
    }


def _sent(rows: Iterable[Any], who: Resident) -> Iterator[Line]:
    for row in rows:
        message = msgspec.json.decode(row["message"])
        if row["outcome"] == "not_sent":
            continue
        if row["outcome"] == "refused":
            yield _line(row["at"], who, "stopped", f"{row['channel']}: the number is no good")
            continue
        words = message["body"] if row["channel"] == "sms" else _opening(message)
        bounced = " (it bounced)" if row["receipt"] == "undelivered" else ""
        yield _line(row["at"], who, "sent", f"{row['channel']}{bounced}: {words}")


def _opening(email: dict[str, str]) -> str:
    """Return the subject and the first paragraph after the greeting."""
    paragraphs = [
        " ".join(paragraph.split()) for paragraph in email["text"].split("\n\n") if paragraph.strip()
    ]
    body = next((paragraph for paragraph in paragraphs if len(paragraph.split()) > 6), paragraphs[0])
    return f"“{email['subject']}” {body}"


def _waits(rows: Iterable[Any], who: Resident) -> Iterator[Line]:
    reported: set[tuple[str, str]] = set()
    for row in sorted(rows, key=lambda row: (row["at"], row["play"], row["reasons"])):
        # The last reason is told once per message: a deferral names the hour among others.
        reason = row["reasons"][0] if row["reasons"] else "gives_way"
        second_try = row["again"] and reason == "unreachable"
        if (row["play"], reason) in reported or "expired" in row["reasons"] or second_try:
            continue
        reported.add((row["play"], reason))
        what = f"no {purpose(row['purpose'])} now"
        why = waited(reason) + _where(reason, row)
        if row["decision"] == "suppress":
            yield _line(row["at"], who, "stopped", f"{what}: {why}")
        else:
            until = row["until"].astimezone(ZoneInfo(who.place.zone))
            yield _line(row["at"], who, "waited", f"{what}, but from {until:%a %b %d %H:%M}: {why}")


def _where(reason: str, row: Any) -> str:
    """Say on whose clock it is too early or too late, where that is not their own."""
    if reason != "outside_contact_window":
        return ""
    evidence = msgspec.convert(msgspec.json.decode(row["situation"])["evidence"], type=Evidence)
    clocks = {zone: row["at"].astimezone(ZoneInfo(zone)) for zone in sorted(locate(evidence).zones)}
    late = [f"{clock:%H:%M} in {zone.rpartition('/')[2].replace('_', ' ')}" for zone, clock in clocks.items()]
    return f" ({', '.join(late[:3])})" if len(clocks) > 1 else ""


def _given_up(rows: Iterable[Any], who: Resident) -> Iterator[Line]:
    for row in rows:
        what = f"second {purpose(row['purpose'])}" if row["again"] else purpose(row["purpose"])
        many = f" ({row['touches']} of them)" if row["touches"] > 1 else ""
        yield _line(row["at"], who, "given_up", f"no {what} any more{many}: it is not needed")
