"""A Kafka of our own goes on where it was, and says in one line why it cannot start."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from foundation.local.kafka import launch_kafka, running_kafka
from tests.support.broker import Broker


@pytest.fixture
def artifacts(kafka: Broker) -> None:
    """Skip where no broker can be had; what `kafka` fetched is there for others."""
    if "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        pytest.skip("a broker was given; none of our own is started")


async def test_records_are_kept_in_their_partition_and_order(kafka: Broker) -> None:
    topic = await kafka.create_topic(partitions=3)

    async with AIOKafkaProducer(bootstrap_servers=kafka.address) as producer:
        for number in range(6):
            await producer.send_and_wait(topic, str(number).encode(), key=b"one person")

    async with AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.address, auto_offset_reset="earliest"
    ) as consumer:
        records = [await consumer.getone() for _ in range(6)]
    assert [record.value for record in records] == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert len({record.partition for record in records}) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("artifacts")
def test_a_second_start_keeps_the_address_and_the_records(tmp_path: Path) -> None:
    with running_kafka(tmp_path) as server:
        first = server.address
        asyncio.run(_send(Broker(first)))

    with running_kafka(tmp_path) as server:
        assert server.address == first
        assert asyncio.run(_receive(first)) == b"kept"


@pytest.mark.slow
@pytest.mark.usefixtures("artifacts")
def test_two_that_are_launched_at_once_do_not_take_each_others_ports(tmp_path: Path) -> None:
    with contextlib.ExitStack() as running:
        servers = []
        for name in ("one", "another"):
            servers.append(launch_kafka(tmp_path / name))
            running.callback(servers[-1].stop)
        for server in servers:
            server.await_ready()

        ports = [json.loads((tmp_path / name / "ports.json").read_text()) for name in ("one", "another")]
        assert len({port for taken in ports for port in taken.values()}) == 4
        assert [server.answers() for server in servers] == [True, True]


async def _send(broker: Broker) -> None:
    topic = await broker.create_topic("kept")
    async with AIOKafkaProducer(bootstrap_servers=broker.address) as producer:
        await producer.send_and_wait(topic, b"kept")


async def _receive(address: str) -> bytes:
    async with AIOKafkaConsumer(
        "kept-1", bootstrap_servers=address, auto_offset_reset="earliest"
    ) as consumer:
        return bytes((await consumer.getone()).value)


def test_without_its_artifacts_it_says_so_in_one_line(tmp_path: Path) -> None:
    """An empty home and a proxy that refuses: what a machine without a registry looks like."""
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    empty_home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    run = subprocess.run(
        [sys.executable, "-m", "foundation.local", "kafka", "--home", str(tmp_path / "kafka")],
        env=os.environ | nowhere | empty_home,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert "Apache Kafka's artifacts could not be fetched" in run.stderr
