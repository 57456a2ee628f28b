"""The entries of the ledger: each one thing said about a person, by whom, how, when, by what proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from preferences.model.record import HeardEvent, Record
from schemas.envelope import Event
from schemas.people import ConsentWithdrawn, PersonMerged, PersonSeparated
from schemas.provenance import PersonEvent, Provenance
from schemas.registry import EVENT_TYPES
from schemas.replies import ReplyReceived, SuppressionLifted, SuppressionRecorded
from schemas.vocabulary import SaidBy, Way

#: Not an event: a register whose events nobody has, or that stands for another reason than an event.
CARRIED = "register.carried"
#: What is said of two ids, and kept under each.
ABOUT_TWO_IDS: Final = (PersonMerged, PersonSeparated)

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

    @property
    def person_id(self) -> str:
        return self.statement.event.person_id

    @property
    def joins_or_separates(self) -> bool:
        """True where it says that two ids are one person, or are not."""
        return isinstance(self.statement.event.data, ABOUT_TWO_IDS)


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
        """What it is about: a debt, an address, a channel, another id, or all of the person."""
        for name in ("debt_id", "address", "number", "channel", "other_id"):
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


def seen_from_both(statement: Statement) -> list[Statement]:
    """Return a statement about two ids as it stands under each of them; any other as it is."""
    event = statement.event
    if not isinstance(event.data, ABOUT_TWO_IDS) or event.data.other_id == event.person_id:
        return [statement]
    told = {"other_id": event.person_id} | (
        {"person_id": event.data.other_id} if event.data.person_id else {}
    )
    mirrored = msgspec.structs.replace(
        event, person_id=event.data.other_id, data=event.data.model_copy(update=told)
    )
    return [statement, replace(statement, event=mirrored)]


def entries_carried(
    event: Event, registers: Record, *, caller: str, heard_at: datetime | None = None
) -> list[Entry]:
    """Return the entries that keep these registers, which no event sets.

    They count as heard with the event, unless `heard_at` says when.
    """
    return carried(
        event.person_id,
        registers,
        source=event.source,
        event_id=event.id,
        caller=caller,
        happened_at=event.time,
        heard_at=heard_at or event.time,
    )


def carried(
    person_id: str,
    registers: Record,
    *,
    source: str,
    caller: str,
    heard_at: datetime,
    event_id: str | None = None,
    happened_at: datetime | None = None,
) -> list[Entry]:
    """Return the entries that keep these registers of a person, by default under the name in each stamp."""
    return [
        Entry(
            number=0,
            person_id=person_id,
            type=CARRIED,
            data={"register": {"name": name, "stamp": list(register.stamp), "value": register.value}},
            source=source,
            event_id=event_id or register.stamp.id,
            said_by="system",
            speaker=None,
            way="event",
            caller=caller,
            evidence=[],
            happened_at=min(datetime.fromisoformat(register.stamp.at), happened_at or heard_at),
            heard_at=heard_at,
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
