"""What is heard is remembered once, told once, and never half."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foundation import inbox, offsets, quarantine
from foundation.clock import ManualClock
from foundation.database import Database
from foundation.offsets import ConsumedTopic
from foundation.records import Record
from preferences.announcing.report import report_caught_up
from preferences.desk.quarantine import replay
from preferences.kafka.intake import CONSUMED
from schemas.envelope import Event
from schemas.people import PreferencesCaughtUp
from tests.preferences.stories import (
    ADA,
    EMAIL,
    NOW,
    SMS,
    batches,
    broken_record,
    happened,
    hears,
    latest,
    published,
    record,
    snapshots,
)
from tests.preferences.streams import streams
from tests.support.databases import Databases
from tests.support.staff import staff

pytestmark = pytest.mark.migrated("preferences")


def microseconds(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


async def test_what_is_heard_is_published_whole(database: Database) -> None:
    await hears(
        database,
        happened("person.changed", names={"given": "Ada"}, phones=[{"number": SMS, "kind": "mobile"}]),
        happened("consent.granted", channel="sms", basis="direct", address=SMS),
        happened("hold.placed", hold_id="h-1", kind="pause", days=3),
    )

    (snapshot,) = await snapshots(database)
    assert snapshot.version == microseconds(NOW)
    assert [each.number for each in snapshot.phones] == [SMS]
    assert [each.basis for each in snapshot.consents] == ["direct"]
    assert [each.kind for each in snapshot.holds] == ["pause"]
    assert snapshot.changed_at.isoformat() == "2026-11-20T10:00:00+00:00"


async def test_an_event_heard_twice_changes_nothing_the_second_time(database: Database) -> None:
    event = happened("person.changed", language="en")

    await hears(database, event, event)
    await hears(database, event)

    assert len(await snapshots(database)) == 1


async def test_another_event_under_a_known_id_is_kept_aside_and_the_person_waits_where_it_may_close(
    database: Database,
) -> None:
    first = happened("person.changed", language="en")
    hold = replace(happened("hold.placed", hold_id="h-1", kind="attorney_represented"), id=first.id)
    await hears(database, record(first, offset=0))
    await hears(database, record(hold, offset=1), record(first, offset=2))

    assert (await latest(database)).unreadable
    async with database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)
    assert (kept.malformed.reason, kept.malformed.person) == ("changed_content", ADA)

    await replay(kept.id, actor=staff("eva"), database=database, clock=ManualClock(NOW))

    told = await latest(database)
    assert [held.kind for held in told.holds] == ["attorney_represented"]
    assert not told.unreadable


async def test_a_feed_that_uses_one_id_again_and_again_freezes_nobody(database: Database) -> None:
    first = happened("consent.granted", channel="sms", basis="direct", address=SMS)
    second = replace(happened("consent.granted", channel="email", basis="direct", address=EMAIL), id=first.id)

    await hears(database, record(first, offset=0), record(second, offset=1))

    assert not (await latest(database)).unreadable
    async with database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)
    assert (kept.malformed.reason, kept.malformed.person) == ("changed_content", None)


async def test_saying_the_same_again_is_no_news(database: Database) -> None:
    await hears(database, happened("person.changed", "2026-11-20T10:00Z", language="en"))
    await hears(database, happened("person.changed", "2026-11-21T10:00Z", language="en"))
    # It was said later than this, so this changes nothing either.
    await hears(database, happened("person.changed", "2026-11-20T20:00Z", language="es"))

    assert [each.language for each in await snapshots(database)] == ["en"]


async def test_versions_of_a_person_only_grow(database: Database) -> None:
    for language in ("en", "es", "fr"):
        await hears(
            database, happened("person.changed", f"2026-11-2{len(language)}T10:00Z", language=language)
        )
        await hears(database, happened("hold.placed", hold_id=language, kind="pause"))

    versions = [each.version for each in await snapshots(database)]
    assert versions == sorted(set(versions))
    assert len(versions) > 3


async def test_versions_go_on_growing_after_a_restore_that_forgot_some(database: Database) -> None:
    for language in ("en", "es", "fr"):
        await hears(
            database, happened("person.changed", f"2026-11-21T1{len(language)}:00Z", language=language)
        )
        await hears(database, happened("hold.placed", hold_id=language, kind="pause"))
    before = (await latest(database)).version

    # Back to a backup of before anybody was known.
    async with database.transaction() as connection:
        await connection.execute("TRUNCATE people, inbox, outbox, outbox_heads")
    await hears(
        database,
        happened("hold.placed", hold_id="h-1", kind="attorney_represented"),
        now=NOW + timedelta(seconds=1),
    )

    assert (await latest(database)).version > before


async def test_versions_grow_though_the_clock_stands_still_or_goes_back(database: Database) -> None:
    await hears(database, happened("hold.placed", hold_id="h-1", kind="pause"))
    await hears(database, happened("hold.placed", hold_id="h-2", kind="pause"))
    await hears(
        database, happened("hold.placed", hold_id="h-3", kind="pause"), now=NOW - timedelta(minutes=1)
    )

    first = microseconds(NOW)
    assert [snapshot.version for snapshot in await snapshots(database)] == [first, first + 1, first + 2]


async def test_people_in_one_batch_are_told_apart(database: Database) -> None:
    await hears(
        database,
        happened("person.changed", to="person-1", language="en"),
        happened("person.changed", to="person-2", language="es"),
    )

    assert (await latest(database, "person-1")).language == "en"
    assert (await latest(database, "person-2")).language == "es"


async def test_a_reply_that_changes_nothing_publishes_nothing(database: Database) -> None:
    reply: dict[str, Any] = {
        "reply_id": "r-1",
        "channel": "sms",
        "understood": "help",
        "text": "help",
        "received_at": NOW,
    }

    await hears(database, happened("reply.received", needs_human=False, **reply))

    assert await snapshots(database) == []


async def test_a_malformed_record_is_kept_and_its_neighbors_are_read(database: Database) -> None:
    good = happened("person.changed", to="person-2", language="en")

    await hears(database, broken_record(offset=7), record(good, offset=8))

    assert (await latest(database, "person-2")).language == "en"
    async with database.transaction() as connection:
        (pointer,) = await published(connection, "outreach.quarantine.v1")
        kept = await connection.fetchval("SELECT count(*) FROM quarantine WHERE state = 'open'")
    assert kept == 1
    assert pointer.data.model_dump(include={"topic", "offset", "reason"}) == {
        "topic": "person-events.v1",
        "offset": 7,
        "reason": "not_json",
    }


async def test_whoever_a_malformed_record_names_is_told_to_wait(database: Database) -> None:
    await hears(database, happened("person.changed", language="en"))
    await hears(database, broken_record())

    snapshot = await latest(database)

    assert (snapshot.unreadable, snapshot.language) == (True, "en")


async def test_somebody_unknown_whom_a_malformed_record_names_waits_too(database: Database) -> None:
    await hears(database, broken_record(key=b"person-9"))

    assert (await latest(database, "person-9")).unreadable


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"two words", b"x" * 300], ids=repr)
async def test_a_key_that_names_nobody_makes_nobody_wait(database: Database, key: bytes | None) -> None:
    await hears(database, broken_record(key=key))

    async with database.transaction() as connection:
        assert await connection.fetchval("SELECT count(*) FROM people") == 0


async def test_offsets_are_stored_with_the_work(database: Database) -> None:
    await hears(
        database, record(happened("person.changed", language="en"), offset=41), broken_record(offset=42)
    )

    async with database.transaction() as connection:
        assert await offsets.read(connection, "preferences.person-events.v1") == {("person-events.v1", 0): 43}


async def test_two_replicas_with_the_same_batch_tell_it_once(database: Database) -> None:
    events = [happened("person.changed", to=f"person-{n % 3}", language="en") for n in range(12)]

    await asyncio.gather(*(hears(database, *each) for each in (events, reversed(events), events)))

    for person in ("person-0", "person-1", "person-2"):
        assert len(await snapshots(database, person)) == 1


async def test_a_forgotten_event_that_comes_again_is_overruled_by_what_is_remembered(
    database: Database,
) -> None:
    old = happened("person.changed", "2026-11-20T10:00Z", language="en")
    await hears(database, old)
    await hears(database, happened("person.changed", "2026-11-21T10:00Z", language="es"))
    async with database.transaction() as connection:
        await inbox.delete_heard(connection, before=NOW + timedelta(days=1))

    await hears(database, old)

    assert (await latest(database)).language == "es"


@pytest.fixture
async def told(databases: Databases) -> Callable[[list[list[Event]]], Awaitable[dict[str, object]]]:
    """Return what is told at the end about everybody, after batches were heard by an empty preferences."""

    async def tell(stream: list[list[Event]]) -> dict[str, object]:
        url = await databases.fresh("preferences")
        async with Database.open(url, size=1, name="test") as database:
            for place, batch in enumerate(stream):
                await hears(database, *batch, now=NOW + timedelta(milliseconds=place))
            ends = {person: await snapshots(database, person) for person in (ADA, "person-2")}
        await databases.drop(url)
        return {
            person: found[-1].model_dump(exclude=NOT_COMPARED) if found else None
            for person, found in ends.items()
        }

    return tell


ORDERED_BY_HEARING = {"consent.granted.v1", "consent.withdrawn.v1", "suppression.recorded.v1"}
NOT_COMPARED: Any = {"version": True, "changed_at": True, "consents": {"__all__": {"heard_at"}}}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(stream=streams(), sizes=st.lists(st.integers(1, 5), min_size=1), data=st.data())
async def test_any_order_repetition_and_batching_ends_in_the_same_snapshots(
    told: Callable[[list[list[Event]]], Awaitable[dict[str, object]]],
    stream: list[Event],
    sizes: list[int],
    data: st.DataObject,
) -> None:
    """What opens and closes goes by its hearing; all else comes in any order, and all may come again."""
    shuffled = data.draw(st.permutations(stream))
    heard = iter([event for event in stream if event.type in ORDERED_BY_HEARING])
    again = [next(heard) if event.type in ORDERED_BY_HEARING else event for event in shuffled]
    again += data.draw(st.lists(st.sampled_from(stream), max_size=5))

    assert await told(batches(again, sizes)) == await told([stream])


def test_a_record_says_what_the_event_says() -> None:
    event = happened("person.changed", language="en")

    assert isinstance(record(event), Record)
    assert record(event).key == ADA.encode()


PERSON_EVENTS = ConsumedTopic(group="preferences.person-events.v1", topic="person-events.v1", partitions=12)
REPLIES = ConsumedTopic(group="preferences.outreach.replies.v1", topic="outreach.replies.v1", partitions=12)


async def _reach(database: Database, consumed: ConsumedTopic, at: datetime) -> None:
    async with database.transaction() as connection:
        await offsets.store_all_caught_up(connection, consumed, at=at)


def test_it_hears_what_changes_about_people_and_what_they_answer() -> None:
    assert set(CONSUMED) == {PERSON_EVENTS, REPLIES}


async def test_it_says_until_when_everything_was_heard_behind_what_it_heard(database: Database) -> None:
    await hears(database, happened("person.changed", language="en"))
    await _reach(database, PERSON_EVENTS, NOW)
    await _reach(database, REPLIES, NOW - timedelta(minutes=2))

    reached = await report_caught_up(CONSUMED, database=database, clock=ManualClock(NOW))

    async with database.transaction() as connection:
        snapshot, said = await published(connection)
    assert snapshot.type == "person.snapshot.v1"
    assert isinstance(said.data, PreferencesCaughtUp)
    assert said.data.caught_up_at == reached == NOW - timedelta(minutes=2)


async def test_while_a_partition_was_never_read_to_its_end_it_says_nothing(database: Database) -> None:
    await _reach(database, PERSON_EVENTS, NOW)
    await _reach(database, dataclasses.replace(REPLIES, partitions=11), NOW)

    assert await report_caught_up(CONSUMED, database=database, clock=ManualClock(NOW)) is None
    async with database.transaction() as connection:
        assert await published(connection) == []


async def test_what_a_newer_release_remembers_keeps_an_older_one_from_telling_nothing(
    database: Database,
) -> None:
    await hears(database, happened("person.changed", language="en"))
    async with database.transaction() as connection:
        newer = {"is shoe_size": [["2026-01-01T00:00:00.000000Z", "/crm", "newer"], 43]}
        await connection.execute("UPDATE people SET record = record || $1::jsonb", newer)

    await hears(database, happened("person.changed", language="es"))

    assert [snapshot.language for snapshot in await snapshots(database)] == ["en", "es"]
