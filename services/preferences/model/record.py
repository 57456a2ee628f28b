"""What is remembered of one person: a set of registers, each holding the latest thing said about it.

An event sets one or more registers, and stamps them with when it happened and who said it. Of two
values for a register the one with the greater stamp stays, whichever was heard first. So the same
events end in the same record, in any order, in any batches, and however often they are heard.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID, uuid5

from schemas.envelope import Event
from schemas.people import (
    ConsentGranted,
    ConsentWithdrawn,
    HoldLifted,
    HoldPlaced,
    NoticePosted,
    NumberChecked,
    PersonChanged,
)
from schemas.replies import ReplyReceived, SuppressionLifted, SuppressionRecorded
from schemas.values import EventData

#: The namespace of opt-outs made by `consent.withdrawn`; changing it would rename them.
_WITHDRAWALS = UUID("0b1f0f9e-52c5-4f53-9d0b-6c1f3a7f2a55")
_BY_THE_PERSON = ("direct", "written")


class Stamp(NamedTuple):
    """When a thing was said to be so, and by whom: orders any two things said about a person.

    `at` is written by `moment`, so that text sorts as time does.
    """

    at: str
    source: str
    id: str


class RegisterValue(NamedTuple):
    """The value of a register, as JSON holds it. None says that the thing no longer stands."""

    stamp: Stamp
    value: Any


#: Registers by name: a kind, then what tells it apart, with spaces between. Ids and addresses hold none.
Record: TypeAlias = Mapping[str, RegisterValue]


def moment(instant: datetime) -> str:
    """Write an instant so that earlier ones sort first: UTC, always with microseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def merged(record: Record, events: Iterable[Event]) -> Record:
    """Return the record with what these events say."""
    registers = dict(record)
    for event in events:
        for name, register in registers_of(event).items():
            if name not in registers or registers[name].stamp < register.stamp:
                registers[name] = register
    return registers


def registers_of(event: Event) -> dict[str, RegisterValue]:
    """Return the registers that an event sets, each once; none where it says nothing about the person."""
    stamp = Stamp(moment(event.time), event.source, event.id)
    data = event.data
    if isinstance(data, PersonChanged):
        return {f"is {name}": RegisterValue(stamp, value) for name, value in _written(data).items()}
    if isinstance(data, ConsentGranted):
        return _granted(data, event=event, stamp=stamp)
    register = _only_register(data, stamp)
    return {} if register is None else dict([register])


def changed_at(record: Record) -> str | None:
    """Return when the latest thing was said, as `moment` writes it; None of an empty record."""
    return max((value.stamp.at for value in record.values()), default=None)


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
            return f"check {data.number}", RegisterValue(stamp._replace(at=moment(data.at)), _written(data))
        case NoticePosted():
            return f"notice {data.name} {data.debt_id or ''}", RegisterValue(stamp, _written(data))
        case ReplyReceived(needs_human=True):
            # Held under the name of the reply, so that whoever has answered it can lift the hold.
            hold = {"hold_id": data.reply_id, "kind": "with_human", "since": moment(data.received_at)}
            return f"hold {data.reply_id}", RegisterValue(stamp, hold)
        case SuppressionRecorded():
            out = {**_written(data), "opt_out_id": data.suppression_id, "at": moment(data.at)}
            del out["suppression_id"]
            return f"opt_out {data.suppression_id}", RegisterValue(stamp, out)
        case SuppressionLifted():
            return f"lifted {data.suppression_id}", RegisterValue(stamp, value=True)
        case _:
            return None


def _granted(data: ConsentGranted, *, event: Event, stamp: Stamp) -> dict[str, RegisterValue]:
    # Left out, it was given when the event happened; null says that nobody knows.
    given = data.at if "at" in data.model_fields_set else event.time
    consent = {**_written(data), "at": None if given is None else moment(given)}
    place = f"{data.channel} {_folded(data.address)}"
    registers = {f"consent {place} {data.basis}": RegisterValue(stamp, consent)}
    if data.basis in _BY_THE_PERSON and given is not None:
        # The latest consent of the person, whatever was heard since: only it may lift an opt-out.
        registers[f"opened {place}"] = RegisterValue(stamp._replace(at=moment(given)), moment(given))
    return registers


def _withdrawn(data: ConsentWithdrawn, *, stamp: Stamp) -> tuple[str, RegisterValue]:
    opt_out_id = f"withdrawn:{uuid5(_WITHDRAWALS, f'{stamp.source} {stamp.id}')}"
    out = {
        **_written(data),
        "opt_out_id": opt_out_id,
        "kind": "opted_out",
        "origin": "withdrawal",
        "at": stamp.at,
    }
    return f"opt_out {opt_out_id}", RegisterValue(stamp, out)


def _written(data: EventData) -> dict[str, Any]:
    return data.model_dump(mode="json", exclude_unset=True, exclude={"person_id"})


def _folded(address: str | None) -> str:
    return (address or "").casefold()
