"""Events about one person, as other systems tell them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from foundation.clock import ManualClock, parse_instant
from foundation.database import Connection, Database
from foundation.records import Record
from preferences.kafka.intake import intake_of
from schemas.envelope import STRUCTURED, Event, parse, render
from schemas.people import PersonSnapshot
from schemas.registry import EVENT_TYPES
from tests.support.cloud_events import cloud_event, record_of

NOW = parse_instant("2026-11-24T16:30Z")
ADA = "person-1"
SMS = "+13035550123"
EMAIL = "ada@example.com"

_numbers = count(1)


def happened(
    kind: str, at: str = "2026-11-20T10:00Z", /, *, to: str = ADA, source: str = "/crm", **data: Any
) -> Event:
    """Return an event of a kind such as `hold.placed`, each with an id of its own."""
    event_type = EVENT_TYPES[f"{kind}.v1"]
    if event_type.published:
        data["person_id"] = to
    return Event(
        id=f"event-{next(_numbers)}",
        source=source,
        type=event_type.name,
        time=datetime.fromisoformat(at).astimezone(UTC),
        person_id=to,
        data=event_type.model.model_validate(data, strict=False),
    )


def record(event: Event, *, offset: int = 0) -> Record:
    """Return the event as a record of its topic."""
    key, value, headers = render(event)
    return Record(EVENT_TYPES[event.type].topic, 0, offset, key, value, tuple(headers))


def broken_record(
    *, key: bytes | None = ADA.encode(), value: bytes | None = b"not json", offset: int = 90
) -> Record:
    return Record("person-events.v1", 0, offset, key, value, (("content-type", STRUCTURED.encode()),))


async def hears(database: Database, *records: Event | Record, now: datetime = NOW) -> None:
    """Have preferences read these as one batch."""
    intake = intake_of(database=database, clock=ManualClock(now))
    await intake.handle([record(each) if isinstance(each, Event) else each for each in records])


async def published(connection: Connection, topic: str = "people.v1") -> list[Event]:
    """Return what waits in the outbox for a topic, read as any consumer would."""
    rows = await connection.fetch(
        "SELECT * FROM outbox WHERE topic = $1 ORDER BY position",
        topic,
    )
    return [_read(row, topic) for row in rows]


async def snapshots(database: Database, person_id: str = ADA) -> list[PersonSnapshot]:
    """Return the snapshots of a person in the order they are published."""
    async with database.transaction() as connection:
        events = await published(connection)
    return [
        each.data for each in events if isinstance(each.data, PersonSnapshot) and each.person_id == person_id
    ]


async def latest(database: Database, person_id: str = ADA) -> PersonSnapshot:
    return (await snapshots(database, person_id))[-1]


def _read(row: Mapping[str, Any], topic: str) -> Event:
    event = cloud_event(
        row["type"],
        row["data"],
        to=row["key"],
        at=row["occurred_at"],
        event_id=f"{row['key']}-{row['sequence']}",
        source=row["source"],
        sequence=str(row["sequence"]),
    )
    record = record_of(event, topic=topic)
    return parse(
        topic=record.topic,
        key=record.key,
        value=record.value,
        headers=record.headers,
        now=NOW + timedelta(days=1),
    )


def batches(items: Sequence[Any], sizes: Sequence[int]) -> list[list[Any]]:
    """Cut a stream into batches of these sizes, over and over."""
    found, rest, place = [], list(items), 0
    while rest:
        size = sizes[place % len(sizes)]
        found.append(rest[:size])
        rest, place = rest[size:], place + 1
    return found
