"""The entries of the ledger: each one thing said about a person, by whom, how, when, by what proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from preferences.model.record import HeardEvent, Record
from schemas.envelope import Event
from schemas.people import ConsentWithdrawn
from schemas.provenance import PersonEvent, Provenance
from schemas.registry import EVENT_TYPES
from schemas.replies import ReplyReceived, SuppressionLifted, SuppressionRecorded
from schemas.vocabulary import SaidBy, Way

#: Not an event: a register as a release left it that kept no ledger.
CARRIED = "register.carried"

_encode = msgspec.json.Encoder().encode
_WAYS_OF_CHANNELS: Mapping[str, Way] = {"sms": "text", "email": "email", "voice": "call", "post": "letter"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An event about a person on its way into the ledger, who brings it there, and by which way.

    `provenance` is where it comes from, of an event that cannot say so itself.
    """

    event: Event
    caller: str
    way: Way
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardStatement:
    """A statement, and when it was heard here."""

    statement: Statement
    heard_at: datetime

    @property
    def heard(self) -> HeardEvent:
        return HeardEvent(self.statement.event, self.heard_at)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said about a person. Nothing of it ever changes.

    `number` is its place in the ledger, in the order in which entries were committed. `source` and
    `event_id` name it wherever it came from; `caller` is who wrote it here; `said_by`, `speaker` and
    `way` are who said it and how. `data` is what was said, as the contract spells it.
    """

    number: int
    person_id: str
    type: str
    data: Mapping[str, Any]
    source: str
    event_id: str
    said_by: SaidBy
    speaker: str | None
    way: Way
    caller: str
    evidence: Sequence[Mapping[str, Any]]
    happened_at: datetime
    heard_at: datetime

    @property
    def scope(self) -> str:
        """What it is about: a debt, an address, a channel, or all of the person."""
        for name in ("debt_id", "address", "number", "channel"):
            value = self.data.get(name)
            if value is not None:
                return str(value)
        return "all"

    def heard(self) -> HeardEvent:
        """Return the event that this entry keeps; not to be asked of what was carried over."""
        data = EVENT_TYPES[self.type].read(_encode(self.data), extra="ignore")
        event = Event(
            id=self.event_id,
            source=self.source,
            type=self.type,
            time=self.happened_at,
            person_id=self.person_id,
            data=data,
        )
        return HeardEvent(event, self.heard_at)


def entry_of(said: HeardStatement) -> Entry:
    """Return the entry that keeps a statement, before the ledger has given it its number."""
    statement, event = said.statement, said.statement.event
    provenance = provenance_of(statement)
    return Entry(
        number=0,
        person_id=event.person_id,
        type=event.type,
        data=event.data.model_dump(mode="json", exclude_unset=True, exclude={"provenance"}),
        source=event.source,
        event_id=event.id,
        said_by=provenance.by,
        speaker=provenance.speaker,
        way=provenance.way or statement.way,
        caller=statement.caller,
        evidence=[evidence.model_dump(mode="json", exclude_unset=True) for evidence in provenance.evidence],
        happened_at=min(event.time, said.heard_at),
        heard_at=said.heard_at,
    )


def entries_carried(event: Event, registers: Record, *, caller: str) -> list[Entry]:
    """Return the entries that keep these registers, of which nobody has the events that set them any more."""
    return [
        Entry(
            number=0,
            person_id=event.person_id,
            type=CARRIED,
            data={"register": {"name": name, "stamp": list(register.stamp), "value": register.value}},
            source=event.source,
            event_id=event.id,
            said_by="system",
            speaker=None,
            way="event",
            caller=caller,
            evidence=[],
            happened_at=min(datetime.fromisoformat(register.stamp.at), event.time),
            heard_at=event.time,
        )
        for name, register in registers.items()
    ]


def provenance_of(statement: Statement) -> Provenance:
    """Return where a statement comes from: as it says itself, else as its kind tells."""
    if statement.provenance is not None:
        return statement.provenance
    data = statement.event.data
    match data:
        case PersonEvent(provenance=Provenance() as stated):
            return stated
        case ReplyReceived() | SuppressionLifted():
            return Provenance(by="person", way=_WAYS_OF_CHANNELS[data.channel])
        case SuppressionRecorded(origin="provider"):
            return Provenance(by="outreach")
        case SuppressionRecorded(origin="unsubscribe"):
            return Provenance(by="person", way="page")
        case SuppressionRecorded():
            return Provenance(by="person", way=_WAYS_OF_CHANNELS[data.channel])
        case ConsentWithdrawn():
            return Provenance(by="person")
        case _:
            return Provenance(by="system")
