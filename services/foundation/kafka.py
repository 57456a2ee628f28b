"""Connections to Kafka: one way to secure them, one producer, and topics made with their settings."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    CommitFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    IllegalGenerationError,
    KafkaError,
    NotCoordinatorForGroupError,
    UnknownMemberIdError,
    for_code,
)
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from foundation.header_names import tolerate_any_header_name
from foundation.offsets import Partition
from foundation.settings import KafkaSettings

_TOPIC_EXISTS = 36
_FORBIDDEN = 29
_BROKER_DEFAULT = -1
_FLUSHES_WITHIN = timedelta(seconds=5)
_ASKS_AGAIN_AFTER = timedelta(milliseconds=300)
_ASKS = 40

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class TopicDescription(Protocol):
    """What must be known to make a topic; `config` are Kafka's own setting names."""

    @property
    def name(self) -> str: ...
    @property
    def partitions(self) -> int: ...
    @property
    def config(self) -> Mapping[str, str]: ...


class TopicNotMade(Exception):
    """Kafka refused to make a topic."""

    def __init__(self, topic: str, cause: str) -> None:
        super().__init__(f"topic {topic} was not made: {cause}")
        self.topic = topic


def subscribing_broker(settings: KafkaSettings, *, client_id: str) -> KafkaBroker:
    """Return a FastStream broker that only consumes; records are published by the relay.

    It hands batches over as they are: `foundation.subscribers` attaches to it. Starting it fails
    while Kafka cannot be reached.
    """
    tolerate_any_header_name()
    return KafkaBroker(
        settings.addresses,
        client_id=client_id,
        security=_security(settings),
        consumer_only=True,
        apply_types=False,
        allow_auto_create_topics=False,
        # Its own logger, "faststream", writes past our rules: it has a handler of its own.
        logger=logging.getLogger("broker"),
        log_level=logging.DEBUG,
    )


@asynccontextmanager
async def publishing(settings: KafkaSettings, *, client_id: str) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer that keeps the order of each key and waits until all replicas have a record."""
    producer = AIOKafkaProducer(
        **client_options(settings),
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=128 * 1024,
        request_timeout_ms=10_000,
    )
    try:
        await producer.start()
        yield producer
    finally:
        await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(_FLUSHES_WITHIN.total_seconds()):
            await producer.stop()
    except TimeoutError:
        # It retries for ever while Kafka is away, and offers no way out but this.
        await producer._sender.close()  # noqa: SLF001
        await producer.client.close()


async def create_topics(settings: KafkaSettings, topics: Collection[TopicDescription]) -> list[str]:
    """Make the topics that are not there yet and return their names; leave the others as they are.

    Raises:
        TopicNotMade: Kafka refused one; those before it are made.
    """
    wanted = [
        # aiokafka takes the broker's default only beside assignments; none of them is as good.
        NewTopic(topic.name, topic.partitions, _BROKER_DEFAULT, {}, dict(topic.config))
        for topic in topics
    ]
    async with administering(settings) as admin:
        response = await admin.create_topics(wanted)
    made = []
    for topic, code, *_message in response.topic_errors:
        if code == 0:
            made.append(topic)
        elif code != _TOPIC_EXISTS:
            raise TopicNotMade(
                topic, "CREATE is not granted" if code == _FORBIDDEN else for_code(code).__name__
            )
    return made


async def rewind_to(
    settings: KafkaSettings, *, group: str, topic: str, stored: Mapping[Partition, int]
) -> dict[Partition, int]:
    """Set the group back to where the database stands, wherever Kafka's memory is ahead of it.

    So it is after a restore from a backup: the offsets were committed, but the work is gone. A
    partition of which the database knows nothing is read from its start. Call it before the group's
    consumers start; a group with members is left alone. Never skips forward.
    """
    behind: dict[Partition, int] = {}
    consumer = AIOKafkaConsumer(**client_options(settings), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = {(topic, partition) for partition in await partitions_of(consumer, topic)}
        consumer.assign([TopicPartition(*partition) for partition in sorted(partitions | set(stored))])
        for partition in consumer.assignment():
            committed = await consumer.committed(partition) or 0
            stands = stored.get((partition.topic, partition.partition), 0)
            if stands < committed:
                behind[partition.topic, partition.partition] = stands
        if behind:
            await consumer.commit(
                {TopicPartition(*partition): stands for partition, stands in behind.items()}
            )
            log.warning("reading again what the database does not know", group=group, partitions=len(behind))
    except (CommitFailedError, UnknownMemberIdError, IllegalGenerationError):
        log.warning("others read already, so nothing is read again", group=group, partitions=len(behind))
        return {}
    finally:
        await consumer.stop()
    return behind


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    """Return the partitions of a topic; none where it is not there."""
    # The client's own knowledge begins empty; asking for one topic fetches what there is of it.
    await consumer._client.add_topic(topic)  # noqa: SLF001 (there is no public way before subscribing)
    return consumer.partitions_for_topic(topic) or set()


async def ask_coordinator(ask: Callable[[], Awaitable[Result]]) -> Result:
    """Ask something about a group; a Kafka that has just begun knows of no coordinator for a while.

    Raises:
        KafkaError: it cannot be asked.
    """
    for _ in range(_ASKS):
        with suppress(
            GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError
        ):
            return await ask()
        await asyncio.sleep(_ASKS_AGAIN_AFTER.total_seconds())
    raise GroupCoordinatorNotAvailableError


def client_options(settings: KafkaSettings) -> dict[str, Any]:
    """Return what every aiokafka client needs in order to connect."""
    return {
        "bootstrap_servers": settings.addresses,
        **security_options(settings),
    }


def security_options(settings: KafkaSettings) -> dict[str, Any]:
    """Return what every connection to Kafka is secured with: the one place that says so to aiokafka."""
    return {
        "security_protocol": settings.security_protocol,
        "ssl_context": settings.tls_context(),
        "sasl_mechanism": settings.sasl_mechanism or "PLAIN",
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": settings.sasl_password.get_secret_value() if settings.sasl_password else None,
    }


@asynccontextmanager
async def administering(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open a client that asks about topics and groups.

    Raises:
        KafkaError, OSError: Kafka cannot be reached.
    """
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def read_topic_settings(settings: KafkaSettings, names: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the settings of topics by name, of those that are there and that we may see."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    try:
        async with administering(settings) as admin:
            responses: Any = await admin.describe_configs(resources) if resources else []
    except KafkaError:
        return {}
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for response in responses
        for error, _message, _kind, name, entries in response.resources
        if not error
    }


def _security(settings: KafkaSettings) -> BaseSecurity:
    """Say the same in FastStream's words."""
    context = settings.tls_context()
    use_ssl = context is not None
    if settings.sasl_username is None or settings.sasl_password is None:
        return BaseSecurity(ssl_context=context, use_ssl=use_ssl)
    kinds = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    return kinds[settings.sasl_mechanism or "PLAIN"](
        username=settings.sasl_username,
        password=settings.sasl_password.get_secret_value(),
        ssl_context=context,
        use_ssl=use_ssl,
    )
