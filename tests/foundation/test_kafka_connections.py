"""Topics are made with their settings, and a restored database decides from where on to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from foundation.kafka import TopicNotMade, create_topics, rewind_to
from foundation.kafka_reach import why_out_of_reach
from foundation.local.processes import free_ports
from foundation.settings import KafkaSettings
from tests.foundation.reading import Notes, committed, publish, reading, subscription
from tests.support.broker import Broker
from tests.support.eventually import eventually


@dataclass(frozen=True)
class Wanted:
    name: str
    partitions: int = 3
    config: Mapping[str, str] = field(default_factory=dict)


async def test_topics_are_made_once_with_their_partitions_and_settings(kafka: Broker) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.address)
    name = kafka.fresh_name("made")
    topic = Wanted(name, partitions=5, config={"cleanup.policy": "compact"})

    assert await create_topics(settings, [topic]) == [name]
    assert await create_topics(settings, [topic]) == []

    partitions, policy = await _describe(kafka, name)
    assert partitions == 5
    assert policy == "compact"


async def test_a_topic_that_kafka_refuses_is_named(kafka: Broker) -> None:
    topic = Wanted(kafka.fresh_name("odd"), config={"cleanup.policy": "whenever"})

    with pytest.raises(TopicNotMade, match=topic.name):
        await create_topics(KafkaSettings(bootstrap_servers=kafka.address), [topic])


async def test_being_reachable_is_about_an_answer(kafka: Broker) -> None:
    nowhere = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}")

    assert await why_out_of_reach(KafkaSettings(bootstrap_servers=kafka.address)) is None
    assert await why_out_of_reach(nowhere) == "cannot be reached: nothing listens there"


async def test_a_restored_database_makes_the_group_read_again(kafka: Broker) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.address)
    topic = await kafka.create_topic(partitions=2)
    notes = Notes()
    reader = subscription(topic, notes)
    await publish(kafka.address, topic, b"a", b"b", b"c", partition=0)
    await publish(kafka.address, topic, b"d", b"e", partition=1)
    async with reading(kafka.address, reader):
        await eventually(lambda: len(notes.values) == 5)

    behind = await rewind_to(settings, group=reader.group, topic=topic, stored={(topic, 0): 1, (topic, 1): 2})

    assert behind == {(topic, 0): 1}
    again = Notes()
    async with reading(kafka.address, subscription(topic, again)):
        await eventually(lambda: len(again.values) == 2)
    assert again.values == [b"b", b"c"]


async def test_a_database_that_knows_of_no_partition_reads_all_from_the_start(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    settings = KafkaSettings(bootstrap_servers=kafka.address)
    await publish(kafka.address, topic, b"a", b"b")
    notes = Notes()
    reader = subscription(topic, notes)
    async with reading(kafka.address, reader):
        await eventually(lambda: len(notes.values) == 2)
        await eventually(lambda: _committed_two(kafka, topic))
    behind = await rewind_to(settings, group=reader.group, topic=topic, stored={})

    assert behind == {(topic, 0): 0}
    again = Notes()
    async with reading(kafka.address, subscription(topic, again)):
        await eventually(lambda: len(again.values) == 2)


async def test_nothing_is_ever_skipped_forward(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    await publish(kafka.address, topic, b"a", b"b")

    await rewind_to(
        KafkaSettings(bootstrap_servers=kafka.address),
        group=f"{topic}-readers",
        topic=topic,
        stored={(topic, 0): 2},
    )

    assert await committed(kafka.address, f"{topic}-readers", topic) == 0


async def test_a_group_that_reads_is_left_alone(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    reader = subscription(topic, notes)
    await publish(kafka.address, topic, b"a", b"b")

    async with reading(kafka.address, reader):
        await eventually(lambda: len(notes.values) == 2)
        await eventually(lambda: _committed_two(kafka, topic))
        behind = await rewind_to(
            KafkaSettings(bootstrap_servers=kafka.address),
            group=reader.group,
            topic=topic,
            stored={(topic, 0): 0},
        )

    assert behind == {}
    assert await committed(kafka.address, reader.group, topic) == 2


async def _committed_two(kafka: Broker, topic: str) -> bool:
    return await committed(kafka.address, f"{topic}-readers", topic) == 2


async def _describe(kafka: Broker, name: str) -> tuple[int, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    try:
        (topic,) = await admin.describe_topics([name])
        (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    finally:
        await admin.close()
    config = {entry[0]: entry[1] for entry in response.resources[0][4]}
    return len(topic["partitions"]), config["cleanup.policy"]
