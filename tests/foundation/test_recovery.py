"""A database that lacks what its consumers had read says so until somebody goes on without it."""

from datetime import timedelta

import pytest

from foundation import offsets, recovery
from foundation.clock import parse_instant
from foundation.database import Database
from foundation.records import Record
from foundation.recovery import Gap

pytestmark = pytest.mark.migrated("foundation")

NOW = parse_instant("2026-03-02T12:00Z")
LATER = NOW + timedelta(hours=1)
GAPS = [
    Gap(group="g", topic="t.v1", partition=0, cause="behind", stands=4, committed=9),
    Gap(group="g", topic="t.v1", partition=1, cause="behind", stands=0, committed=2),
]


async def read_to(database: Database, partition: int, offset: int) -> None:
    async with database.transaction() as connection:
        await offsets.store(connection, "g", [Record("t.v1", partition, offset - 1, None, None)])


async def test_progress_is_told_by_partition(database: Database) -> None:
    await read_to(database, 0, 4)
    async with database.transaction() as connection:
        await recovery.note(connection, GAPS, now=NOW)
        # Noticed again by another replica, or after a crash.
        await recovery.note(connection, GAPS, now=LATER)
    await read_to(database, 0, 7)

    async with database.transaction() as connection:
        first, second = await recovery.list_open(connection)

    assert [(gap.partition, gap.stood, gap.stands, gap.missing) for gap in (first, second)] == [
        (0, 4, 7, 2),
        (1, 0, 0, 2),
    ]
    assert first.noticed_at == NOW


async def test_what_is_yet_to_be_read_is_not_accepted(database: Database) -> None:
    async with database.transaction() as connection:
        await recovery.note(connection, GAPS, now=NOW)
        assert await recovery.why_behind(connection) == "the database is behind Kafka"
    await read_to(database, 0, 9)
    await read_to(database, 1, 1)

    async with database.transaction() as connection:
        assert await recovery.accept(connection, by="eva", now=LATER) == 1
        (left,) = await recovery.list_open(connection)
        assert (left.partition, left.missing) == (1, 1)

    await read_to(database, 1, 2)
    async with database.transaction() as connection:
        assert await recovery.why_behind(connection) == "what was done since the backup is not known"
        assert await recovery.accept(connection, by="eva", now=LATER) == 1
        assert await recovery.list_open(connection) == []
        assert await recovery.why_behind(connection) is None
        names = await connection.fetch("SELECT accepted_by, accepted_at FROM recoveries")
    assert [tuple(row) for row in names] == [("eva", LATER)] * 2


@pytest.mark.parametrize(
    ("lost", "found", "says"),
    [
        (0, 0, None),
        (1, 0, "what was done since the backup is not known"),
        (0, 1, "what was done since the backup is not known"),
    ],
    ids=["all was known", "some is lost", "some was news"],
)
async def test_what_is_lost_or_was_found_needs_a_word(
    database: Database, lost: int, found: int, says: str | None
) -> None:
    gap = Gap(group="own", topic="t.v1", partition=0, cause="own_past", stands=0, committed=3, lost=lost)
    async with database.transaction() as connection:
        await recovery.note(connection, [gap], now=NOW)
        (noted,) = await recovery.list_open(connection)
        # Reading begins at the first record that is kept.
        assert (noted.stands, noted.missing) == (lost, 3 - lost)
        await recovery.count_found(connection, noted, found)
        await offsets.advance(connection, "own", {("t.v1", 0): 3})

        assert await recovery.why_behind(connection) == says


async def test_what_turned_out_to_be_known_is_over_and_may_be_noticed_again(database: Database) -> None:
    gap = Gap(group="own", topic="t.v1", partition=0, cause="own_past", stands=0, committed=3)
    async with database.transaction() as connection:
        assert await recovery.note(connection, [gap], now=NOW) == 1
        await offsets.advance(connection, "own", {("t.v1", 0): 3})
        assert await recovery.list_open(connection) == []

        assert await recovery.note(connection, [gap], now=LATER) == 1


async def test_a_last_record_that_is_no_record_keeps_nobody_waiting(database: Database) -> None:
    gap = Gap(group="g", topic="t.v1", partition=0, cause="forgotten", stands=0, committed=3)
    async with database.transaction() as connection:
        await recovery.note(connection, [gap], now=NOW)
        # The third is a marker of a transaction.
        await offsets.advance(connection, "g", {("t.v1", 0): 2})
        assert await recovery.why_behind(connection) == "the database is behind Kafka"

        await offsets.store_caught_up(connection, "g", "t.v1", 0, at=LATER)

        assert await recovery.why_behind(connection) is None
