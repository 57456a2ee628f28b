"""A file of events goes to Kafka as consumers expect it, or not at all."""

import asyncio
import json
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from typer.testing import CliRunner

from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from outreach.cli.events import cli
from schemas.envelope import parse
from schemas.topics import TOPICS
from tests.contracts.samples import EXAMPLES, NOW
from tests.support.broker import Broker


def lines_about(person: str) -> list[str]:
    """The first day of somebody whom no other test knows."""
    text = (EXAMPLES / "first-day.jsonl").read_text(encoding="utf-8")
    return text.replace("person-1001", person).replace("crm-", f"{person}-crm-").splitlines()


async def read_about(person: str, address: str) -> list[ConsumerRecord[bytes, bytes]]:
    consumer = AIOKafkaConsumer(*TOPICS, bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        found = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            records = await consumer.getmany(timeout_ms=200)
            found += [each for several in records.values() for each in several]
    finally:
        await consumer.stop()
    return [each for each in found if each.key == person.encode()]


async def _topics(kafka: Broker) -> None:
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))


def test_each_event_goes_to_the_topic_of_its_type_under_its_person(kafka: Broker, tmp_path: Path) -> None:
    person, file = kafka.fresh_name("person"), tmp_path / "events.jsonl"
    lines = lines_about(person)
    file.write_text("\n".join(lines), encoding="utf-8")
    asyncio.run(_topics(kafka))

    answer = CliRunner().invoke(cli, ["publish", str(file), "--kafka", kafka.address])

    assert (answer.exit_code, answer.output) == (0, f"{len(lines)} events published to {kafka.address}\n")
    records = asyncio.run(read_about(person, kafka.address))
    events = [
        parse(topic=each.topic, key=each.key, value=each.value, headers=each.headers, now=NOW)
        for each in records
    ]
    assert sorted(each.id for each in events) == sorted(json.loads(each)["id"] for each in lines)


def test_of_a_file_with_something_wrong_nothing_is_published(kafka: Broker, tmp_path: Path) -> None:
    person, file = kafka.fresh_name("person"), tmp_path / "events.jsonl"
    file.write_text("\n".join([*lines_about(person), "not json"]), encoding="utf-8")
    asyncio.run(_topics(kafka))

    answer = CliRunner().invoke(cli, ["publish", str(file), "--kafka", kafka.address])

    assert answer.exit_code == 1
    assert "not_json" in answer.output
    assert asyncio.run(read_about(person, kafka.address)) == []


def test_a_kafka_that_is_away_is_said_in_one_line() -> None:
    answer = CliRunner().invoke(cli, ["publish", str(EXAMPLES / "first-day.jsonl"), "--kafka", "127.0.0.1:1"])

    assert answer.exit_code == 2
    assert answer.output == (
        "OUTREACH_KAFKA__BOOTSTRAP_SERVERS: Kafka at 127.0.0.1:1 cannot be reached: nothing listens there\n"
    )
