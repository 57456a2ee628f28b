"""Entries are numbered without gaps per topic and key, in the order in which their transactions commit."""

import asyncio
from datetime import timedelta

import pytest

from foundation.clock import parse_instant
from foundation.database import Database
from foundation.outbox import Entry, OutgoingEvent, append, delete, measure_backlog, read_front
from tests.support.eventually import eventually

pytestmark = pytest.mark.migrated("foundation")

AT = parse_instant("2026-03-02T12:00Z")


def outgoing(key: str, number: int = 0, *, topic: str = "things.v1") -> OutgoingEvent:
    return OutgoingEvent(topic=topic, key=key, type="thing.done.v1", time=AT, data={"number": number})


async def write(database: Database, *entries: OutgoingEvent) -> None:
    async with database.transaction() as connection:
        await append(connection, entries, source="/tests")


async def front(database: Database, limit: int = 1000) -> list[Entry]:
    async with database.transaction() as connection:
        return await read_front(connection, limit=limit)


async def test_entries_keep_the_order_given_and_are_numbered_by_topic_and_key(database: Database) -> None:
    await write(
        database, outgoing("a", 1), outgoing("b", 2), outgoing("a", 3), outgoing("a", 4, topic="other.v1")
    )
    await write(database, outgoing("a", 5))

    entries = await front(database)

    assert [(each.topic, each.key, each.sequence, each.data) for each in entries] == [
        ("things.v1", "a", 1, '{"number":1}'),
        ("things.v1", "b", 1, '{"number":2}'),
        ("things.v1", "a", 2, '{"number":3}'),
        ("other.v1", "a", 1, '{"number":4}'),
        ("things.v1", "a", 3, '{"number":5}'),
    ]


async def test_numbers_go_on_after_entries_are_gone(database: Database) -> None:
    await write(database, outgoing("a"), outgoing("a"))
    async with database.transaction() as connection:
        await delete(connection, await read_front(connection, limit=10))

    await write(database, outgoing("a"))

    assert [each.sequence for each in await front(database)] == [3]


async def test_what_is_undone_leaves_no_gap(database: Database) -> None:
    async def undone() -> None:
        async with database.transaction() as connection:
            await append(connection, [outgoing("a", 1)], source="/tests")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    await write(database, outgoing("a", 2))

    assert [(each.sequence, each.data) for each in await front(database)] == [(1, '{"number":2}')]


async def test_of_one_key_the_transaction_that_commits_second_comes_second(database: Database) -> None:
    async with database.transaction() as first:
        await append(first, [outgoing("a", 1)], source="/tests")
        second = asyncio.create_task(write(database, outgoing("a", 2)))
        # Another key waits for nobody.
        await write(database, outgoing("b", 3))
        assert not second.done()
        assert [each.key for each in await front(database)] == ["b"]
    await second

    mine = [(each.sequence, each.data) for each in await front(database) if each.key == "a"]
    assert mine == [(1, '{"number":1}'), (2, '{"number":2}')]


async def test_under_load_every_key_stays_dense_and_in_order(database: Database) -> None:
    async def worker(number: int) -> None:
        for turn in range(20):
            await write(database, *(outgoing(f"k{(number + each) % 5}", turn) for each in range(10)))

    await asyncio.gather(*(worker(each) for each in range(4)))

    entries = await front(database)
    assert len(entries) == 800
    for key in ("k0", "k1", "k2", "k3", "k4"):
        assert [each.sequence for each in entries if each.key == key] == list(range(1, 161))


async def test_a_commit_tells_the_relay(database: Database) -> None:
    heard: list[str] = []
    listening = asyncio.create_task(database.listen("outbox", heard.append))
    try:
        await eventually(lambda: heard)
        await write(database, outgoing("a"))
        await eventually(lambda: len(heard) == 2)
    finally:
        listening.cancel()


async def test_the_backlog_says_how_much_waits_and_since_when(database: Database) -> None:
    later = OutgoingEvent(topic="t", key="a", type="t.v1", time=AT + timedelta(hours=1), data={})
    await write(database, later, outgoing("a"))

    async with database.transaction() as connection:
        assert await measure_backlog(connection) == (2, AT)


async def test_an_id_stays_with_its_entry_and_never_comes_again_though_the_sequence_does(
    database: Database,
) -> None:
    await write(database, outgoing("a"), outgoing("b"))
    entries = await front(database)
    assert [entry.id for entry in entries] == [entry.id for entry in await front(database)]

    # What a restore of a backup taken before those two does: the heads count from one again.
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM outbox")
        await connection.execute("DELETE FROM outbox_heads")
    await write(database, outgoing("a"), outgoing("b"))
    restored = await front(database)

    assert [entry.sequence for entry in restored] == [entry.sequence for entry in entries]
    assert len({entry.id for entry in entries + restored}) == 4


async def test_an_entry_of_before_ids_were_stored_keeps_the_id_it_may_have_gone_out_under(
    database: Database,
) -> None:
    await write(database, outgoing("p1", topic="t.v1"))
    async with database.transaction() as connection:
        await connection.execute("UPDATE outbox SET event_id = NULL")

    (entry,) = await front(database)

    # As computed by the last release without stored ids.
    assert str(entry.id) == "5897f0c0-50f4-54b9-8b61-3f682fd480f5"
