"""Bring in: what files of other systems say, tried or told, a batch of rows in one transaction."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Annotated, Any, Final, NoReturn

import msgspec
from pydantic import ValidationError

from foundation import inbox, outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from preferences.announcing.events import event_of
from preferences.ledger.sort_out import keep_stop, named_in
from preferences.ledger.tell import Drawing, tell
from preferences.model.entry import ABOUT_TWO_IDS, Statement
from preferences.model.snapshot import snapshot_of
from preferences.moving.cells import CellReader
from preferences.moving.columns import KNOWN, Said, UnreadableRow, read_row
from preferences.moving.files import ImportFile, Row, UnusableFile
from preferences.moving.suppressions import ClosedAddress, is_list_of_addresses, read_closed_address
from preferences.store import erasures, people
from preferences.store.people import Person
from schemas import envelope, topics
from schemas.addresses import comparable
from schemas.contacts import ContactRecorded
from schemas.envelope import Event
from schemas.problems import describe
from schemas.registry import EVENT_TYPES
from schemas.values import EventData

#: The source of everything that files say.
SOURCE: Final = "/preferences/import"

#: How far back the policy of outreach looks for contacts, and no cap further.
CONTACTS_REACH: Final = timedelta(days=100)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_BATCH: Final = 500
_TOPICS: Final = (topics.PERSON_EVENTS, topics.REPLIES, topics.CONTACTS)
_OF_A_LINE: Final = frozenset({"person_id", "type", "time", "data"})

#: What is wrong with a file, where it is otherwise said of a publisher.
_OF_FILES: Final = {"future_time": "names a time that is yet to come, of something that has happened"}

#: How the registers begin that may close a person.
_CLOSING: Final = ("opt_out ", "hold ", "is refused_channels", "is pause_until", "corrected ")

#: An instant that names its offset.
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]

_encode = msgspec.json.Encoder(order="sorted").encode


class Report:
    """What an import came to: how many rows and statements, what was refused, whom it closes."""

    def __init__(self) -> None:
        self.rows = 0
        self.refused: list[str] = []
        self._lines: list[int] = []
        self.new: Counter[str] = Counter()
        self.known = 0
        #: Past contacts that were left out, for they are older than the cut-off.
        self.older = 0
        #: The line of the file in hand up to which all is done.
        self.reached = 0
        #: How many people changed, counted in each batch anew: a million names would be held for nothing.
        self.changed = 0
        self.closed: set[str] = set()

    def refuse(self, row: Row, problem: str) -> None:
        self.refused.append(f"{row.file}:{row.line}: {problem}")
        self._lines.append(row.line)

    def in_order_from(self, begins: int) -> None:
        """Put what was refused of a batch in the order of its lines: some is known only after the rest."""
        batch = sorted(zip(self._lines[begins:], self.refused[begins:], strict=True))
        self._lines[begins:] = [line for line, _ in batch]
        self.refused[begins:] = [refusal for _, refusal in batch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """How files are imported: `columns` are theirs by ours, `caller` is who does it.

    Without `commit` everything is done and undone again, so the report says what would be. Past contacts of
    before the `cut_off` are left out: no cap looks so far back, and nothing is to be planned by them.
    """

    database: Database
    clock: Clock
    reader: CellReader
    columns: Mapping[str, str]
    caller: str
    commit: bool
    cut_off: datetime = LONG_AGO

    async def bring_in(self, file: ImportFile, report: Report, *, progress: Callable[[int], None]) -> None:
        """Import a file. What was imported before is passed over, so an import that ended early goes on.

        Raises:
            UnusableFile: none of its columns is known.
            DatabaseUnavailable: what was reported is done; run it again for the rest.
        """
        rows = file.rows()
        report.reached = 0
        while batch := list(islice(rows, _BATCH)):
            self._check_columns(batch[0])
            await self.bring_in_batch(batch, report)
            report.reached = batch[-1].line
            progress(report.rows)

    async def bring_in_batch(self, batch: Sequence[Row], report: Report) -> None:
        """Import some rows, all that can be read of them or none."""
        refused = len(report.refused)
        readings = list(self._readings(batch, report))
        outcome = await self._done(readings, report) if self.commit else await self._tried(readings, report)
        report.in_order_from(refused)
        report.rows += len(batch)
        report.new.update(outcome.new)
        report.known += outcome.known
        report.changed += len(outcome.changed)
        report.closed |= outcome.closed

    async def _done(self, readings: Sequence["_Reading"], report: Report) -> "_Outcome":
        async with self.database.transaction() as connection:
            return await self._tell(connection, readings, report)

    async def _tried(self, readings: Sequence["_Reading"], report: Report) -> "_Outcome":
        try:
            async with self.database.transaction() as connection:
                _undo(await self._tell(connection, readings, report))
        except _OnlyTried as tried:
            return tried.outcome

    def _check_columns(self, row: Row) -> None:
        if row.is_json or row.problem or is_list_of_addresses(row.cells):
            return
        named = {self.columns.get(name, name) for name in row.cells}
        if "person_id" not in named:
            raise UnusableFile(
                f"{row.file}: no column is person_id; name it with --column 'Their name=person_id'"
            )

    def _readings(self, batch: Iterable[Row], report: Report) -> Iterator["_Reading"]:
        for row in batch:
            try:
                yield _Reading(row=row, said=self._read(row))
            except UnreadableRow as error:
                report.refuse(row, error.problem)

    def _read(self, row: Row) -> Sequence[Said] | ClosedAddress:
        if row.problem is not None:
            raise UnreadableRow(row.problem)
        if row.is_json:
            return [_said(row.cells)]
        if is_list_of_addresses(row.cells):
            return read_closed_address(row.cells, reader=self.reader)
        named = {self.columns.get(name, name): cell for name, cell in row.cells.items()}
        return read_row({name: cell for name, cell in named.items() if name in KNOWN}, reader=self.reader)

    async def _tell(
        self, connection: Connection, readings: Sequence["_Reading"], report: Report
    ) -> "_Outcome":
        now = self.clock.now()
        read: list[tuple[Row, Sequence[Event]]] = []
        owners = await self._owners(connection, readings)
        for reading in readings:
            try:
                read.append((reading.row, [self._event(said) for said in _all_said(reading, owners)]))
            except UnreadableRow as error:
                report.refuse(reading.row, error.problem)
        events = self._young_enough(await self._of_nobody_erased(connection, read, report), report)
        heard = [inbox.HeardEvent(event.source, event.id, event.digest) for event in events]
        verdicts = await inbox.hear(connection, heard, now=now)
        new = [event for event, verdict in zip(events, verdicts, strict=True) if verdict == "new"]
        contacts = [event for event in new if EVENT_TYPES[event.type].topic == topics.CONTACTS]
        statements = [
            Statement(event=event, caller=self.caller, way="import")
            for event in new
            if EVENT_TYPES[event.type].topic != topics.CONTACTS
        ]
        concerned = {statement.event.person_id for statement in statements}
        before = {
            person.person_id: _closed_by(person)
            for person in await people.find_people(connection, concerned, now=now)
        }
        drawings = await tell(connection, statements, concerned, now=now)
        await outbox.append(connection, [_outgoing(event) for event in contacts], source=SOURCE)
        return _outcome(
            new, known=len(events) - len(new), drawings=drawings, before=before, concerned=concerned
        )

    def _young_enough(self, events: Sequence[Event], report: Report) -> list[Event]:
        """Return what is said, without the past contacts that are older than the cut-off."""
        young = [
            event
            for event in events
            if not (isinstance(event.data, ContactRecorded) and event.time < self.cut_off)
        ]
        report.older += len(events) - len(young)
        return young

    async def _of_nobody_erased(
        self, connection: Connection, read: Sequence[tuple[Row, Sequence[Event]]], report: Report
    ) -> list[Event]:
        """Return what is said of others than those who were erased; what it closes for these stays closed."""
        events = [event for _, said in read for event in said]
        await people.hold_circles(connection, joining=any(isinstance(e.data, ABOUT_TWO_IDS) for e in events))
        erased = await erasures.find_standing(connection, {name for e in events for name in named_in(e)})
        if not erased:
            return events
        told: list[Event] = []
        for row, said in read:
            if erased.keys().isdisjoint(name for event in said for name in named_in(event)):
                told += said
                continue
            for event in said:
                await keep_stop(connection, event, now=self.clock.now())
            report.refuse(
                row, "person_id: was erased; if a new relationship begins, run `preferences readmit` first"
            )
        return told

    async def _owners(
        self, connection: Connection, readings: Sequence["_Reading"]
    ) -> Mapping[str, Sequence[str]]:
        addresses = {
            comparable(reading.said.address)
            for reading in readings
            if isinstance(reading.said, ClosedAddress)
        }
        return await people.owners_of(connection, addresses) if addresses else {}

    def _event(self, said: Said) -> Event:
        """Return what a row says as an event, read as strictly as one from Kafka is."""
        try:
            event_type = EVENT_TYPES[said.type]
            whose = {"person_id": said.person_id} if event_type.published else {}
            data: EventData = event_type.read(_encode({**whose, **said.data}), extra="forbid")
        except KeyError:
            raise UnreadableRow("type: is not one of the contract") from None
        except ValidationError as error:
            errors = error.errors(include_url=False, include_context=True, include_input=False)
            raise UnreadableRow(describe(errors)) from None
        if not envelope.is_name(said.person_id):
            raise UnreadableRow("person_id: must be 1 to 200 printable characters, without spaces")
        if len(content := _encode(said.data)) > envelope.LARGEST:
            raise UnreadableRow(f"has more than {envelope.LARGEST:,} bytes")
        content = f"{said.type}\n{said.person_id}\n{said.time.isoformat()}\n".encode() + content
        event = Event(
            id=f"import-{sha256(content).hexdigest()[:40]}",
            source=SOURCE,
            type=said.type,
            time=said.time,
            person_id=said.person_id,
            data=data,
        )
        try:
            return envelope.admit(event, now=self.clock.now())
        except envelope.Malformed as error:
            raise UnreadableRow(_OF_FILES.get(error.reason, error.problem)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A row and what it says: statements about its person, or an address that is closed."""

    row: Row
    said: Sequence[Said] | ClosedAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a batch came to."""

    new: Counter[str]
    known: int
    changed: set[str]
    closed: set[str]


class _OnlyTried(Exception):
    """Undoes what was tried."""

    def __init__(self, outcome: _Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def _undo(outcome: _Outcome) -> NoReturn:
    raise _OnlyTried(outcome)


def _outcome(
    new: Sequence[Event],
    *,
    known: int,
    drawings: Sequence[Drawing],
    before: Mapping[str, set[str]],
    concerned: Collection[str],
) -> _Outcome:
    return _Outcome(
        new=Counter(event.type for event in new),
        known=known,
        changed={drawing.person.person_id for drawing in drawings if drawing.is_news},
        closed={
            drawing.person.person_id
            for drawing in drawings
            if drawing.person.person_id in concerned
            and _closed_by(drawing.person) - before.get(drawing.person.person_id, set())
        },
    )


def _closed_by(person: Person) -> set[str]:
    """Name what closes a person: opt-outs, holds, refused channels."""
    if not any(name.startswith(_CLOSING) for name in person.record):
        return set()
    data = snapshot_of(person.person_id, person.record, unreadable=False)
    return {
        *(f"opt_out {out['opt_out_id']}" for out in data["opt_outs"]),
        *(f"hold {hold['hold_id']}" for hold in data["holds"]),
        *(f"refused {channel}" for channel in data.get("refused_channels", ())),
    }


def _all_said(reading: _Reading, owners: Mapping[str, Sequence[str]]) -> Iterator[Said]:
    """Yield what a row says of each person; an address is closed for everybody who has it."""
    said = reading.said
    if not isinstance(said, ClosedAddress):
        yield from said
        return
    having = owners.get(comparable(said.address), ())
    if not having:
        raise UnreadableRow("nobody known has this address; import the people first, then this list again")
    named = sha256(f"{said.channel} {said.address} {said.kind} {said.at.isoformat()}".encode()).hexdigest()[
        :32
    ]
    for person_id in having:
        data = {
            "person_id": person_id,
            "suppression_id": f"import-{named}",
            "channel": said.channel,
            "address": said.address,
            "kind": said.kind,
            "origin": said.origin,
            "at": said.at.isoformat(),
        }
        yield Said(type="suppression.recorded.v1", person_id=person_id, time=said.at, data=data)


def _said(line: Mapping[str, Any]) -> Said:
    """Return what a line of JSON says, in the form that `preferences export` writes."""
    if unknown := sorted(set(line) - _OF_A_LINE):
        raise UnreadableRow(f"has {unknown[0]!r}, which is none of person_id, type, time and data")
    person_id, type_name, data = line.get("person_id"), line.get("type"), line.get("data")
    if not isinstance(person_id, str) or not isinstance(type_name, str) or not isinstance(data, dict):
        raise UnreadableRow("needs person_id, type, time and data")
    if type_name not in EVENT_TYPES or EVENT_TYPES[type_name].topic not in _TOPICS:
        raise UnreadableRow("type: is not one that says something about a person")
    try:
        time = msgspec.convert(line.get("time"), type=_Instant)
    except msgspec.ValidationError:
        raise UnreadableRow(
            "time: must be an instant with its offset, such as 2026-03-02T22:30:00Z"
        ) from None
    return Said(type=type_name, person_id=person_id, time=time, data=data)


def _outgoing(event: Event) -> outbox.OutgoingEvent:
    data = event.data.model_dump(mode="json", exclude_unset=True)
    return event_of(event.type, data, key=event.person_id, now=event.time)
