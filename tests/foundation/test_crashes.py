"""The relay may die at any moment: nothing is lost, and what goes out twice has one id."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from foundation import acts, flood, offsets, quarantine_commands, recovery, token_commands, tokens
from foundation.access import Access
from foundation.behind import Topics
from foundation.caught_up import stored_in
from foundation.clock import ManualClock, parse_instant
from foundation.database import Connection, Database
from foundation.kafka import publishing
from foundation.offsets import ConsumedTopic
from foundation.outbox import OutgoingEvent, append, measure_backlog
from foundation.own_past import OwnPast
from foundation.records import Record
from foundation.recovery import Gap
from foundation.recovery_listing import accept_or_exit
from foundation.relay import Relay
from foundation.settings import KafkaSettings
from tests.foundation.reading import publish, read_all
from tests.support.broker import Broker
from tests.support.mortal import Fate, MortalDatabase, Work, ends_everywhere
from tests.support.staff import STAFF

pytestmark = pytest.mark.migrated("foundation")

AT = parse_instant("2026-03-02T12:00Z")


class MortalProducer:
    """A producer whose user dies before it sends, between two entries, or with entries on their way."""

    def __init__(self, producer: Any, fate: Fate) -> None:
        self._producer = producer
        self._fate = fate

    async def send(self, *arguments: Any, **named: Any) -> Any:
        self._fate.passes("send")
        sent = await self._producer.send(*arguments, **named)
        self._fate.passes("sent")
        return sent


@asynccontextmanager
async def mortal_producer(kafka: Broker, fate: Fate) -> AsyncIterator[Any]:
    fate.passes("producer")
    async with publishing(KafkaSettings(bootstrap_servers=kafka.address), client_id="mortal") as producer:
        yield MortalProducer(producer, fate)


async def test_whatever_a_relay_was_doing_when_it_died_the_next_one_ends(
    kafka: Broker, database: Database
) -> None:
    """Two keys, one of them twice; after each death the next relay publishes what is left."""
    topic = await kafka.create_topic(partitions=2)
    healthy = partial(publishing, KafkaSettings(bootstrap_servers=kafka.address), client_id="next")

    async def begin(key: str) -> Work:
        async with database.transaction() as connection:
            entries = [outgoing(topic, each) for each in (key, f"{key}-other", key)]
            await append(connection, entries, source="/tests")

        async def publish(mortal: Database) -> None:
            assert isinstance(mortal, MortalDatabase)
            relay = Relay(database=mortal, producer=partial(mortal_producer, kafka, mortal.fate))
            await relay.publish_once()

        return publish

    async def again(_: str) -> None:
        await Relay(database=database, producer=healthy).publish_once()

    fates = await ends_everywhere(database, begin=begin, again=again)

    *_, fate = fates.values()
    # Connect, lock, producer, read, thrice send and sent, delete: so many moments, none of them overlooked.
    assert [each.name for each in fate.moments] == [
        *("connect", "statement", "producer", "statement"),
        *("send", "sent") * 3,
        "statement",
    ]
    async with database.transaction() as connection:
        assert (await measure_backlog(connection))[0] == 0
    published = [json.loads(each.value or b"") for each in await read_all(kafka.address, topic)]
    for key in fates:
        mine = [event for event in published if event["subject"] == key]
        first_seen = list(dict.fromkeys((event["sequence"], event["id"]) for event in mine))
        assert [sequence for sequence, _ in first_seen] == ["1", "2"]
        assert len({event_id for _, event_id in first_seen}) == 2
        assert len({event["id"] for event in published if event["subject"] == f"{key}-other"}) == 1
    assert len(published) > 3 * len(fates), "nobody died with entries on their way"


async def test_a_note_of_being_caught_up_is_whole_or_not_there(database: Database) -> None:
    instants = {("thing.v1", each): AT for each in range(3)}

    async def begin(group: str) -> Work:
        return lambda mortal: stored_in(mortal, group=group)(instants)

    async def again(group: str) -> None:
        async with database.transaction() as connection:
            some, all_ = [await reached(connection, group, partitions=each) for each in (1, 3)]
            assert some == all_
        await stored_in(database, group=group)(instants)

    fates = await ends_everywhere(database, begin=begin, again=again)

    *_, fate = fates.values()
    assert fate.places == {"foundation/caught_up.py report"}
    async with database.transaction() as connection:
        for group in fates:
            assert await reached(connection, group, partitions=3) == AT


class Reading:
    """Reads back, of one topic after the other, the one record that a lost database had published."""

    def __init__(self, kafka: Broker) -> None:
        self.kafka = kafka
        self.topics: dict[str, str] = {}

    async def publishes(self, name: str) -> None:
        self.topics[name] = await self.kafka.create_topic()
        await publish(self.kafka.address, self.topics[name], name.encode())

    async def reads(self, name: str, database: Database) -> None:
        past = OwnPast(
            database=database,
            kafka=KafkaSettings(bootstrap_servers=self.kafka.address),
            clock=ManualClock(AT),
            topics=Topics(consumed=[], own="own", published=[self.topics[name]]),
            remember=self._remember,
            patience=timedelta(0),
        )
        await past.compare()
        await past.read_back()

    async def _remember(self, connection: Connection, records: Sequence[Record]) -> int:
        # Twice would be refused.
        await connection.executemany(
            "INSERT INTO inbox (source, event_id, heard_at) VALUES ('past', $1, $2)",
            [((record.value or b"").decode(), AT) for record in records],
        )
        return len(records)


async def test_whoever_reads_the_past_back_may_die_anywhere_and_each_record_is_remembered_once(
    kafka: Broker, database: Database
) -> None:
    reading = Reading(kafka)

    async def begin(name: str) -> Work:
        await reading.publishes(name)
        return partial(reading.reads, name)

    async def again(name: str) -> None:
        await reading.reads(name, database)

    fates = await ends_everywhere(database, begin=begin, again=again)

    *_, fate = fates.values()
    assert {"foundation/behind.py note_what_is_missing", "foundation/own_past.py _take"} <= fate.places
    async with database.transaction() as connection:
        names = [row["event_id"] for row in await connection.fetch("SELECT event_id FROM inbox")]
        gaps = await recovery.list_open(connection)
    assert sorted(names) == sorted(fates)
    assert {(gap.missing, gap.found) for gap in gaps} == {(0, 1)}


async def test_a_word_to_go_on_counts_whole_or_not_at_all(database: Database) -> None:
    async def begin(group: str) -> Work:
        gaps = [
            Gap(group=group, topic="t.v1", partition=place, cause="behind", stands=0, committed=1)
            for place in (0, 1)
        ]
        async with database.transaction() as connection:
            await recovery.note(connection, gaps, now=AT)
            await offsets.advance(connection, group, {("t.v1", 0): 1, ("t.v1", 1): 1})
        return partial(accept_or_exit, actor=STAFF)

    async def again(_: str) -> None:
        async with database.transaction() as connection:
            assert len(await recovery.list_open(connection)) in (0, 2)
        await accept_or_exit(database, STAFF)

    fates = await ends_everywhere(database, begin=begin, again=again)

    *_, fate = fates.values()
    assert fate.places == {"foundation/recovery_listing.py accept_or_exit"}
    async with database.transaction() as connection:
        assert await recovery.list_open(connection) == []


async def test_a_token_is_minted_and_revoked_with_its_act_or_not_at_all(database: Database) -> None:
    async def is_whole(name: str) -> None:
        async with database.transaction() as connection:
            minted = {token.name: token for token in await tokens.list_tokens(connection)}
            done = [act.act for act in await acts.list_acts(connection, subject=name, limit=10)]
        assert ("tokens mint" in done) == (name in minted)
        assert ("tokens revoke" in done) == (name in minted and minted[name].revoked_at is not None)

    async def begin_mint(name: str) -> Work:
        return partial(token_commands._mint, actor=STAFF, name=name, scopes=["ask"], per_second=1)

    async def begin_revoke(name: str) -> Work:
        await token_commands._mint(database, STAFF, name=f"{name}-gone", scopes=["ask"], per_second=1)
        return partial(token_commands._revoke, actor=STAFF, name=f"{name}-gone")

    minting = await ends_everywhere(database, begin=begin_mint, again=is_whole)
    revoking = await ends_everywhere(
        database, begin=begin_revoke, again=lambda name: is_whole(f"{name}-gone")
    )

    assert [*minting.values()][-1].places == {"foundation/token_commands.py _mint"}
    assert [*revoking.values()][-1].places == {"foundation/token_commands.py _revoke"}


async def test_a_flood_is_read_on_with_its_act_or_not_at_all(database: Database) -> None:
    async def begin(topic: str) -> Work:
        async with database.transaction() as connection:
            await flood.note(connection, group="readers", topic=topic, now=AT)
        return partial(quarantine_commands._resume, actor=STAFF, topic=topic)

    async def is_whole(topic: str) -> None:
        async with database.transaction() as connection:
            stopped = ("readers", topic) in await flood.list_open(connection)
            done = await acts.list_acts(connection, subject=topic, limit=10)
        assert stopped == (not done)

    fates = await ends_everywhere(database, begin=begin, again=is_whole)

    assert [*fates.values()][-1].places == {"foundation/quarantine_commands.py _resume"}


async def test_a_question_is_recorded_whole_or_not_answered(database: Database) -> None:
    async def begin(person: str) -> Work:
        async def ask(mortal: Database) -> None:
            await Access(database=mortal, clock=ManualClock(AT)).record(STAFF, "may-contact", subject=person)

        return ask

    async def again(person: str) -> None:
        async with database.transaction() as connection:
            assert len(await acts.list_acts(connection, subject=person, limit=10)) <= 1

    fates = await ends_everywhere(database, begin=begin, again=again)

    assert [*fates.values()][-1].places == {"foundation/access.py record"}


async def reached(connection: Connection, group: str, *, partitions: int) -> datetime | None:
    thing = ConsumedTopic(group=group, topic="thing.v1", partitions=partitions)
    return await offsets.caught_up_at(connection, thing)


def outgoing(topic: str, key: str) -> OutgoingEvent:
    return OutgoingEvent(topic=topic, key=key, type="thing.done.v1", time=AT, data={})
