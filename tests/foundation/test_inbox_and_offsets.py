"""What was heard is new once, and where consumers stand is stored with the work."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from foundation import inbox, offsets
from foundation.clock import parse_instant
from foundation.database import Database
from foundation.inbox import HeardEvent
from foundation.offsets import ConsumedTopic
from foundation.records import Record

pytestmark = pytest.mark.migrated("foundation")

NOW = parse_instant("2026-03-02T12:00Z")


def record(offset: int, *, topic: str = "things.v1", partition: int = 0) -> Record:
    return Record(topic, partition, offset, None, None)


def event(source: str, number: object, content: str = "") -> HeardEvent:
    return HeardEvent(source, str(number), content.encode())


async def test_an_event_is_new_once_whoever_says_it_and_however_often(database: Database) -> None:
    async with database.transaction() as connection:
        first = await inbox.hear(connection, [event("/a", 1), event("/a", 1), event("/b", 1)], now=NOW)
        second = await inbox.hear(connection, [event("/a", 1), event("/a", 2)], now=NOW)

    assert first == ["new", "known", "new"]
    assert second == ["known", "new"]


async def test_another_event_under_a_known_id_is_told_from_a_repetition(database: Database) -> None:
    async with database.transaction() as connection:
        first = await inbox.hear(
            connection, [event("/a", 1, "paid"), event("/a", 1, "disputed"), event("/a", 1, "paid")], now=NOW
        )
        second = await inbox.hear(connection, [event("/a", 1, "disputed"), event("/a", 1, "paid")], now=NOW)

    assert first == ["new", "changed", "known"]
    assert second == ["changed", "known"]


async def test_what_was_heard_before_digests_were_kept_is_known_whatever_it_says(database: Database) -> None:
    async with database.transaction() as connection:
        await inbox.hear(connection, [event("/a", 1, "paid")], now=NOW)
        await connection.execute("UPDATE inbox SET digest = NULL")

        assert await inbox.hear(connection, [event("/a", 1, "disputed")], now=NOW) == ["known"]


async def test_of_two_transactions_that_hear_the_same_one_hears_news(database: Database) -> None:
    async def hear() -> int:
        async with database.transaction() as connection:
            verdicts = await inbox.hear(connection, [event("/a", number) for number in range(50)], now=NOW)
            return verdicts.count("new")

    answers = await asyncio.gather(*(hear() for _ in range(4)))

    assert sorted(answers) == [0, 0, 0, 50]


async def test_what_was_heard_in_a_transaction_undone_is_news_again(database: Database) -> None:
    async def undone() -> None:
        async with database.transaction() as connection:
            await inbox.hear(connection, [event("/a", 1)], now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()

    async with database.transaction() as connection:
        assert await inbox.hear(connection, [event("/a", 1)], now=NOW) == ["new"]


async def test_what_was_heard_long_ago_is_forgotten(database: Database) -> None:
    async with database.transaction() as connection:
        await inbox.hear(connection, [event("/a", "old")], now=NOW)
        await inbox.hear(connection, [event("/a", "new")], now=NOW + timedelta(days=2))

        assert await inbox.delete_heard(connection, before=NOW + timedelta(days=1)) == 1
        assert await inbox.hear(connection, [event("/a", "new")], now=NOW) == ["known"]


async def test_offsets_say_where_to_read_on_per_group_and_partition(database: Database) -> None:
    async with database.transaction() as connection:
        await offsets.store(connection, "g", [record(4), record(5), record(9, partition=1)])
        await offsets.store(connection, "other", [record(1)])
        await offsets.store(connection, "g", [record(6)])
        await offsets.store(connection, "g", [])

        assert await offsets.read(connection, "g") == {("things.v1", 0): 7, ("things.v1", 1): 10}


async def test_a_topic_is_as_fresh_as_its_slowest_partition(database: Database) -> None:
    async with database.transaction() as connection:
        for partition, minutes in ((0, 5), (1, 3)):
            at = NOW + timedelta(minutes=minutes)
            await offsets.store_caught_up(connection, "g", "t", partition, at=at)

        two = ConsumedTopic(group="g", topic="t", partitions=2)
        assert await offsets.caught_up_at(connection, two) == NOW + timedelta(minutes=3)
        assert await offsets.caught_up_at(connection, replace(two, partitions=3)) is None
        assert await offsets.caught_up_at(connection, replace(two, topic="unheard", partitions=1)) is None

        # The last word holds: what a fast clock told must not keep a topic fresh that nobody reads.
        await offsets.store_caught_up(connection, "g", "t", 0, at=NOW)
        assert await offsets.caught_up_at(connection, two) == NOW
