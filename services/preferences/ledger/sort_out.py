"""Sort out: what is said of people who are erased is kept aside by its place alone, unless they return."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from foundation.database import Connection
from foundation.quarantine import ERASED, MalformedRecord
from foundation.records import Record as KafkaRecord
from preferences.ledger.forget import kept
from preferences.model.entry import ABOUT_TWO_IDS, Statement, seen_from_both
from preferences.model.erasure import stops_of
from preferences.model.record import HeardEvent, registers_of
from preferences.store import erasures, people
from schemas.envelope import Event
from schemas.people import PersonReturned

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedOut:
    """Events that count, what is kept aside, and who is erased and stays so."""

    events: Sequence[Event]
    malformed: Sequence[MalformedRecord]
    erased: frozenset[str]


async def sort_out_erased(
    connection: Connection,
    events: Sequence[Event],
    malformed: Sequence[MalformedRecord],
    *,
    origins: Iterable[tuple[Event, KafkaRecord | None]],
    now: datetime,
) -> SortedOut:
    """Return what counts of these, in their order; whoever is said to have returned counts from there on.

    Of what is said of somebody erased nothing is kept but where it lies; of a stop the digest, as of those
    they had said before. What nobody could read is kept without its content too, and waits under their name:
    should they return, it may have been a stop.
    """
    read = list(origins)
    joining = any(isinstance(event.data, ABOUT_TWO_IDS) for event in events)
    await people.hold_circles(connection, joining=joining)
    named = {name for event in events for name in named_in(event)}
    named |= {record.person for record in malformed if record.person is not None}
    named |= {event.person_id for event, _ in read}
    since = await erasures.find_standing(connection, named)
    if not since:
        return SortedOut(events=events, malformed=malformed, erased=frozenset())
    records = {id(event): origin for event, origin in read if origin is not None}
    standing, returned = set(since), set[str]()
    counting: list[Event] = []
    aside = [
        replace(record, record=_place_of(record.record), reason=ERASED)
        if record.person in standing
        else record
        for record in malformed
    ]
    for event in events:
        if isinstance(event.data, PersonReturned) and event.time > since.get(event.person_id, event.time):
            standing.discard(event.person_id)
            returned.add(event.person_id)
        about = standing.intersection(named_in(event))
        if not about:
            counting.append(event)
            continue
        await keep_stop(connection, event, now=now)
        origin = records.get(id(event))
        if origin is not None:
            aside.append(_aside(event, origin, since=max(since[name] for name in about)))
    await erasures.note_returned(connection, returned, now=now)
    if len(counting) < len(events):
        log.warning("kept aside what is said of people who were erased", events=len(events) - len(counting))
    return SortedOut(events=counting, malformed=aside, erased=frozenset(standing))


def named_in(event: Event) -> set[str]:
    """Return everybody of whom an event says something."""
    statement = Statement(event=event, caller=event.source, way="event")
    return {view.event.person_id for view in seen_from_both(statement)}


async def keep_stop(connection: Connection, event: Event, *, now: datetime) -> None:
    """Keep the digest of what an event of somebody erased closes."""
    said = registers_of(HeardEvent(event, now))
    closing = {name: register for name, register in said.items() if name.startswith("opt_out ")}
    stops = stops_of(event.person_id, closing, addresses=())
    await erasures.keep_stops(connection, await kept(connection, stops))


def _place_of(record: KafkaRecord) -> KafkaRecord:
    return record._replace(value=None, headers=())


def _aside(event: Event, origin: KafkaRecord, *, since: datetime) -> MalformedRecord:
    return MalformedRecord(
        record=_place_of(origin),
        reason=ERASED,
        problem=f"subject: was erased on {since:%Y-%m-%d}, so nothing of {event.type} is kept; stop sending"
        " it, or send person.returned.v1 before it",
        person=None,
    )
