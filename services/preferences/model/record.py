"""What is remembered of one person: a set of registers, each holding the latest thing said about it.

An event sets one or more registers, and stamps them with when it happened, who said it, and when it
was heard here. Of two values for a register the one with the greater stamp stays, whichever is
folded first. So the same events, heard at the same instants, end in the same record, in any order,
in any batches, and however often they are folded.

Nothing happens after it is heard: what is stamped later than its hearing counts as of its hearing.

A correction takes from the record what an earlier event said, so it needs more than the record: the
whole ledger is folded again (`preferences.model.fold`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID, uuid5

from schemas.addresses import comparable, reaches
from schemas.envelope import Event
from schemas.people import (
    ConsentGranted,
    ConsentWithdrawn,
    HoldLifted,
    HoldPlaced,
    LinksRevoked,
    NoticePosted,
    NumberChecked,
    PersonChanged,
    PersonMerged,
    PersonReturned,
    PersonSeparated,
    StatementCorrected,
)
from schemas.replies import (
    ConsentRecorded,
    HumanDone,
    ReplyReceived,
    ReplyReceivedV2,
    SuppressionLifted,
    SuppressionRecorded,
)
from schemas.values import EventData, Value

#: What a snapshot takes for an address.
_TELLABLE = re.compile(r"[^\s\x00-\x1f\x7f]{3,254}")
#: The namespace of opt-outs made by `consent.withdrawn`; changing it would rename them.
_WITHDRAWALS = UUID("0b1f0f9e-52c5-4f53-9d0b-6c1f3a7f2a55")
BY_THE_PERSON = ("direct", "written")
#: The register that says since when the person's links work; what counts of it is its stamp.
LINKS_REVOKED = "links revoked"
#: The register that says that a new relationship began with somebody who had been erased.
RETURNED = "returned"
#: What may be taken back because it was wrong. A hold is lifted by name instead, a stop by a later consent.
CORRECTABLE = frozenset(
    {
        "person.changed.v1",
        "consent.granted.v1",
        "hold.lifted.v1",
        "notice.posted.v1",
        "number.checked.v1",
        "suppression.lifted.v1",
    }
)


class Stamp(NamedTuple):
    """When a thing was said to be so, by whom, and when it was heard: orders any two things said.

    `at` and `heard` are written by `moment`, so that text sorts as time does; `at` is never later.
    """

    at: str
    source: str
    id: str
    heard: str


class RegisterValue(NamedTuple):
    """The value of a register, as JSON holds it. None says that the thing no longer stands."""

    stamp: Stamp
    value: Any


_BEFORE_OFFSET: Final = len("2026-03-02T22:30:00.000000")

#: Registers by name: a kind, then what tells it apart, with spaces between. Ids and addresses hold none.
Record: TypeAlias = Mapping[str, RegisterValue]


def moment(instant: datetime) -> str:
    """Write an instant so that earlier ones sort first: UTC, always with microseconds."""
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:_BEFORE_OFFSET]}Z"


class HeardEvent(NamedTuple):
    """An event, and when it was heard here."""

    event: Event
    heard_at: datetime


def in_order_of_hearing(events: Iterable[Event], *, now: datetime) -> list[HeardEvent]:
    """Return the events of one reading, each heard after the one before it."""
    return [HeardEvent(event, now + timedelta(microseconds=place)) for place, event in enumerate(events)]


def merged(record: Record, events: Sequence[HeardEvent]) -> Record:
    """Return the record with what these events say, save those that were corrected before they came."""
    registers = dict(record)
    for heard in events:
        if not is_corrected(heard.event, registers):
            fold_into(registers, registers_of(heard))
    return registers


def fold_into(registers: dict[str, RegisterValue], said: Mapping[str, RegisterValue]) -> None:
    for name, register in said.items():
        registers[name] = latest_of(name, registers.get(name), register)


def is_corrected(event: Event, registers: Mapping[str, RegisterValue]) -> bool:
    """Tell whether somebody said that this event was wrong; what closes something stands nonetheless."""
    return event.type in CORRECTABLE and correction_of(event.source, event.id) in registers


def correction_of(source: str, event_id: str) -> str:
    """Return the register that says the event of this name is corrected."""
    return f"corrected {source} {event_id}"


def registers_of(heard: HeardEvent) -> dict[str, RegisterValue]:
    """Return the registers that an event sets, each once; none where it says nothing about the person."""
    event, hearing = heard.event, moment(heard.heard_at)
    stamp = Stamp(min(moment(event.time), hearing), event.source, event.id, hearing)
    data = event.data
    if isinstance(data, PersonChanged):
        return {f"is {name}": RegisterValue(stamp, value) for name, value in _written(data).items()}
    if isinstance(data, ConsentGranted):
        return _granted(data, event=event, stamp=stamp)
    if isinstance(data, ConsentRecorded):
        return _said_yes(data, stamp=stamp)
    if isinstance(data, HumanDone):
        return _dealt_with(data, stamp=stamp)
    if isinstance(data, LinksRevoked):
        return {LINKS_REVOKED: RegisterValue(stamp, value=True)}
    if isinstance(data, PersonReturned):
        return {RETURNED: RegisterValue(stamp, value=True)}
    if isinstance(data, PersonMerged | PersonSeparated):
        joined = True if isinstance(data, PersonMerged) else None
        itself = data.other_id == event.person_id
        return {} if itself else {f"same_as {data.other_id}": RegisterValue(stamp, joined)}
    register = _only_register(data, stamp)
    return {} if register is None else dict([register])


def changed_at(record: Record) -> str | None:
    """Return when the latest thing was said, as `moment` writes it; None of an empty record."""
    return max((value.stamp.at for value in record.values()), default=None)


def latest_of(name: str, known: RegisterValue | None, register: RegisterValue) -> RegisterValue:
    """Return what stands in a register: the later of two, but of consents that open all that may count."""
    if known is None:
        return register
    later = max(known, register, key=lambda value: value.stamp)
    if not name.startswith("opened "):
        return later
    return RegisterValue(later.stamp, _openings([*known.value, *register.value]))


def _openings(pairs: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return those of these (given, heard) that no other one surpasses in both."""
    kept: list[list[str]] = []
    for given, heard in sorted({(pair[0], pair[1]) for pair in pairs}, reverse=True):
        if not kept or heard > kept[-1][1]:
            kept.append([given, heard])
    return kept


def _only_register(data: EventData, stamp: Stamp) -> tuple[str, RegisterValue] | None:
    match data:
        case ConsentWithdrawn():
            return _withdrawn(data, stamp=stamp)
        case HoldPlaced():
            hold = _written(data)
            hold["since"] = hold.get("since") or stamp.at
            return f"hold {data.hold_id}", RegisterValue(stamp, hold)
        case HoldLifted():
            return f"hold {data.hold_id}", RegisterValue(stamp, None)
        case NumberChecked():
            at, number = min(moment(data.at), stamp.heard), comparable(data.number)
            check = {**_written(data), "number": number, "at": at}
            return f"check {number}", RegisterValue(stamp._replace(at=at), check)
        case NoticePosted():
            return f"notice {data.name} {data.debt_id or ''}", RegisterValue(stamp, _written(data))
        case ReplyReceived(needs_human=True) | ReplyReceivedV2(needs_human=True):
            # Held under the name of the reply, so that whoever has answered it can lift the hold.
            since = min(moment(data.received_at), stamp.heard)
            hold = {"hold_id": data.reply_id, "kind": "with_human", "since": since}
            return f"hold {data.reply_id}", RegisterValue(stamp, hold)
        case SuppressionRecorded():
            at = min(moment(data.at), stamp.heard)
            out = {**_written(data), "opt_out_id": data.suppression_id, "at": at}
            del out["suppression_id"]
            return f"opt_out {data.suppression_id}", RegisterValue(stamp, _readable(out))
        case SuppressionLifted():
            return f"lifted {data.suppression_id}", RegisterValue(stamp, value=True)
        case StatementCorrected():
            return correction_of(data.event_source, data.event_id), RegisterValue(stamp, value=True)
        case _:
            return None


def _granted(data: ConsentGranted, *, event: Event, stamp: Stamp) -> dict[str, RegisterValue]:
    # Left out, it was given when the event happened; null says that nobody knows.
    stated = data.at if "at" in data.model_fields_set else event.time
    given = None if stated is None else min(moment(stated), stamp.heard)
    consent = {**_written(data), "at": given, "heard_at": stamp.heard}
    place = f"{data.channel} {comparable(data.address or '')}"
    registers = {f"consent {place} {data.basis}": RegisterValue(stamp, consent)}
    if data.basis in BY_THE_PERSON and given is not None:
        # Only the person's own consent may lift an opt-out: one heard, and given, after it.
        registers[f"opened {place}"] = RegisterValue(stamp._replace(at=given), [[given, stamp.heard]])
    return registers


def _said_yes(data: ConsentRecorded, *, stamp: Stamp) -> dict[str, RegisterValue]:
    """Return the consent that a yes to our question is; the answer's event keeps its evidence."""
    given = min(moment(data.at), stamp.heard)
    address = comparable(data.address)
    consent = {
        "channel": data.channel,
        "basis": "direct",
        "address": data.address,
        "at": given,
        "heard_at": stamp.heard,
    }
    place = f"{data.channel} {address}"
    return {
        f"consent {place} direct": RegisterValue(stamp, consent),
        f"opened {place}": RegisterValue(stamp._replace(at=given), [[given, stamp.heard]]),
    }


def _dealt_with(data: HumanDone, *, stamp: Stamp) -> dict[str, RegisterValue]:
    """Return the waits that a human ended, and the hold that they placed in their stead."""
    ended = {f"hold {reply_id}": RegisterValue(stamp, None) for reply_id in data.replies}
    if data.hold is None:
        return ended
    hold = {**_written_value(data.hold), "since": min(moment(data.at), stamp.heard)}
    return {**ended, f"hold {data.hold.hold_id}": RegisterValue(stamp, hold)}


def _withdrawn(data: ConsentWithdrawn, *, stamp: Stamp) -> tuple[str, RegisterValue]:
    opt_out_id = withdrawal_of(stamp.source, stamp.id)
    out = {
        **_written(data),
        "opt_out_id": opt_out_id,
        "kind": "opted_out",
        "origin": "withdrawal",
        "at": stamp.at,
    }
    return f"opt_out {opt_out_id}", RegisterValue(stamp, _readable(out))


def withdrawal_of(source: str, event_id: str) -> str:
    """Return the name of the opt-out that a `consent.withdrawn` of this name makes."""
    return f"withdrawn:{uuid5(_WITHDRAWALS, f'{source} {event_id}')}"


def _readable(out: dict[str, Any]) -> dict[str, Any]:
    """Return the opt-out as a snapshot can tell it; one whose address nobody can read closes the channel."""
    address = out.get("address")
    if address is None or _TELLABLE.fullmatch(address):
        told = address
    else:
        told = comparable(address) if _TELLABLE.fullmatch(comparable(address)) else None
    if told is not None and reaches(out["channel"], told):
        return {**out, "address": told}
    return {name: value for name, value in out.items() if name != "address"}


def _written_value(value: Value) -> dict[str, Any]:
    return value.model_dump(mode="json", exclude_unset=True)


def _written(data: EventData) -> dict[str, Any]:
    return data.model_dump(mode="json", exclude_unset=True, exclude={"person_id", "provenance"})
