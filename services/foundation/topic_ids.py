"""What Kafka knows of topics: their ids, partitions, and what we may do with each.

A topic that is deleted and made anew under its name has another id. The Kafka client speaks no version of
Metadata that tells ids, so this asks by itself, in version 12.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from foundation.kafka import client_options
from foundation.settings import KafkaSettings

_METADATA = 3
_SINCE = 12


class _Uuid(AbstractType[bytes]):  # type: ignore[misc]  # it has no types
    """Sixteen bytes as they are."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)

    @classmethod
    def repr(cls, value: bytes) -> str:
        return str(UUID(bytes=value))


_UNKNOWN = bytes(16)
_MAKE_NONE, _TELL_RIGHTS = False, True
_TOPIC_FORBIDDEN = 29
#: What Kafka says where it does not tell rights.
_UNTOLD = -(1 << 31)

_PARTITION = (
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)),
    ("isr", CompactArray(Int32)),
    ("offline", CompactArray(Int32)),
    ("tags", TaggedFields),
)


class _Response(Response):  # type: ignore[misc]
    API_KEY = _METADATA
    API_VERSION = _SINCE
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                ("partitions", CompactArray(*_PARTITION)),
                ("authorized", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _RequestOfVersion(RequestStruct):  # type: ignore[misc]
    API_KEY = _METADATA
    API_VERSION = _SINCE
    RESPONSE_TYPE = _Response
    FLEXIBLE_VERSION = True
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("topic", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _Request(Request[_RequestOfVersion]):  # type: ignore[misc]
    API_KEY = _METADATA

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_RequestOfVersion]) -> _RequestOfVersion:
        topics: list[tuple[Any, ...]] = [(_UNKNOWN, topic, {}) for topic in self._topics]
        return request_struct_class(topics, _MAKE_NONE, _TELL_RIGHTS, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTopic:
    """A topic as this user sees it. `rights` has a bit for each operation's number; None where untold."""

    name: str
    topic_id: str | None
    partitions: int
    rights: int | None

    @property
    def is_there(self) -> bool:
        """Whether there is such a topic; a user who may not do anything with it cannot know."""
        return self.partitions > 0


async def look_at_topics(kafka: KafkaSettings, topics: Sequence[str]) -> list[SeenTopic]:
    """Return these topics as they are seen; none from a Kafka of before 2.8, which tells no ids.

    Raises:
        KafkaError: it cannot be asked.
    """
    client = AIOKafkaClient(**client_options(kafka))
    try:
        await client.bootstrap()
        response: Any = await client.send(client.get_random_node(), _Request(topics))
    except NotImplementedError:
        return []
    finally:
        await client.close()
    return [_seen(topic) for topic in response.topics]


def _seen(topic: Sequence[Any]) -> SeenTopic:
    error, name, topic_id, _is_internal, partitions, rights, _tags = topic
    told = None if rights == _UNTOLD else rights
    return SeenTopic(
        name=name,
        topic_id=None if error or topic_id == _UNKNOWN else str(UUID(bytes=topic_id)),
        partitions=0 if error else len(partitions),
        rights=0 if error == _TOPIC_FORBIDDEN else told,
    )


async def read_topic_ids(kafka: KafkaSettings, topics: Sequence[str]) -> dict[str, str]:
    """Return the ids of those of these topics that are there; none from a Kafka that knows no ids.

    Raises:
        KafkaError: it cannot be asked.
    """
    seen = await look_at_topics(kafka, topics)
    return {topic.name: topic.topic_id for topic in seen if topic.topic_id is not None}
