"""Statements, placeholders and templates in every string of every event: stored as text, or kept aside."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.intake import sort_records
from foundation.records import Record
from outreach.kafka.intake import read_record
from outreach.planning.inputs import CONSUMED as OUTREACH
from preferences.kafka import intake as preferences_intake
from preferences.kafka.intake import CONSUMED as PREFERENCES
from schemas.registry import EVENT_TYPES, EventType
from tests.contracts.samples import NOW, example
from tests.support.hostile import TEXTS, places, put
from tests.support.world import World

STRUCTURED = (("content-type", b"application/cloudevents+json"),)
ENVELOPE = ("id", "source", "subject", "type", "time", "specversion", "sequence")
_BATCH = 250


def string_places(event: dict[str, Any]) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of each string of an event's data, and of its envelope."""
    for path in places(event["data"]):
        node = event["data"]
        for key in path:
            node = node[key]
        if isinstance(node, str):
            yield ("data", *path)
    yield from ((name,) for name in ENVELOPE)


def hostile_records(topics: Sequence[str]) -> Iterator[Record]:
    """Yield a record for each string of each event of these topics and each text, all of them others' ids."""
    tried = [
        (kind, path, text)
        for kind in EVENT_TYPES.values()
        if kind.topic in topics
        for path in string_places(example(kind.name))
        for text in TEXTS.values()
    ]
    for number, each in enumerate(tried):
        yield _record(number, *each)


def _record(number: int, kind: EventType, path: tuple[str | int, ...], text: str) -> Record:
    person = f"p{number}"
    event = json.loads(json.dumps(example(kind.name)).replace('"person-1"', f'"{person}"'))
    event = put({**event, "id": f"event-{number}", "source": f"/source-{number}"}, path, text)
    key = text if path == ("subject",) else person
    return Record(
        kind.topic, 0, number, key.encode("utf-8", "surrogatepass"), json.dumps(event).encode(), STRUCTURED
    )


def batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    by_topic: dict[str, list[Record]] = {}
    for each in records:
        batch = by_topic.setdefault(each.topic, [])
        batch.append(each)
        if len(batch) == _BATCH:
            yield by_topic.pop(each.topic)
    yield from by_topic.values()


@pytest.mark.slow
async def test_outreach_takes_hostile_strings_for_text_or_keeps_the_record_aside(database: Database) -> None:
    world = World(database, now=NOW.isoformat())
    total = 0

    for batch in batches(hostile_records([consumed.topic for consumed in OUTREACH])):
        await world.reads(batch)
        # What is about nobody is noted elsewhere.
        events, malformed = sort_records(batch, read=read_record, now=world.clock.now())
        total += len(malformed) + sum(each.type != "preferences.caught_up.v1" for each in events)
    await world.works()

    heard, kept = await counted(database)
    assert heard + kept == total
    assert kept > 500
    assert heard > 1000
    names = await world.rows(
        "SELECT DISTINCT facts -> 'placement' -> 'value' ->> 'reference' AS name FROM debts"
    )
    assert TEXTS["an end of the statement"] in str(names)


@pytest.mark.slow
@pytest.mark.migrated("preferences")
async def test_preferences_takes_hostile_strings_for_text_or_keeps_the_record_aside(
    database: Database,
) -> None:
    intake = preferences_intake.intake_of(database=database, clock=ManualClock(NOW))
    total = 0

    for batch in batches(hostile_records([consumed.topic for consumed in PREFERENCES])):
        await intake.handle(batch)
        total += len(batch)

    heard, kept = await counted(database)
    assert heard + kept == total
    assert kept > 500
    assert heard > 300


async def counted(database: Database) -> tuple[int, int]:
    """Return how many events were heard and how many records are kept aside."""
    async with database.transaction() as connection:
        heard = await connection.fetchval("SELECT count(*) FROM inbox")
        kept = await connection.fetchval("SELECT count(*) FROM quarantine WHERE state = 'open'")
    return heard, kept


async def test_a_hostile_name_is_written_as_it_is_or_not_at_all(database: Database) -> None:
    """It reaches the message: templates are not run in it, and nobody else's message changes."""
    world = World(database, now="2026-03-02T15:00Z")
    names = [each for each in TEXTS.values() if each.strip() and "\ud800" not in each]
    for number, name in enumerate(names):
        person, phone = f"p{number}", f"+13125550{100 + number}"
        snapshot = world.snapshot(person, names={"given": name}, phones=[{"number": phone, "kind": "mobile"}])
        await world.hears(snapshot, world.places(person, "d1"))
    world.clock.advance(world.dispatching.lease)

    await world.works_until("2026-03-02T18:00Z")

    bodies = {each.to: each.body for each in world.sms.sent}
    assert len(bodies) > 15
    written = " ".join(bodies.values())
    # What is no name is not called out: the template stands nowhere, and neither does what it would come to.
    assert "7*7" not in written
    assert "49" not in written
    assert "Hi DROP TABLE people, this is" in written
    assert all("\x00" not in each and "\u202e" not in each and "\n" not in each for each in bodies.values())
    assert msgspec.json.encode(bodies)
