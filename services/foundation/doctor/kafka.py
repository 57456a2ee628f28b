"""Looks at Kafka: reached in private, allowed what is needed, and topics that keep what has to be kept."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from foundation.doctor.observations import Observation, ok, unknown, weak, wrong
from foundation.kafka import TopicDescription, read_topic_settings
from foundation.kafka_reach import list_lost_brokers, why_out_of_reach
from foundation.kafka_rights import KafkaUse, list_missing_rights
from foundation.settings import KafkaSettings
from foundation.topic_ids import SeenTopic, look_at_topics

_LOOPBACK: Final = ("127.", "localhost:", "[::1]:")
_UNLIMITED: Final = -1


async def examine_kafka(
    settings: KafkaSettings, use: KafkaUse, topics: Collection[TopicDescription], *, prefix: str
) -> list[Observation]:
    """Return what is found of Kafka, of the rights of a service there, and of the topics that it uses."""
    setting = f"{prefix}KAFKA__BOOTSTRAP_SERVERS"
    if why := await why_out_of_reach(settings):
        return [wrong("kafka", f"{settings.bootstrap_servers} {why}", f"see {setting}")]
    observations = [*_of_privacy(settings, prefix=prefix)]
    observations += [
        wrong("kafka", f"the broker at {lost.address} {lost.reason}", "mend its advertised.listeners")
        for lost in await list_lost_brokers(settings)
    ]
    observations = observations or [ok("kafka", f"is reached at {settings.bootstrap_servers}")]
    observations.append(await _rights(settings, use))
    used = [topic for topic in topics if topic.name in use.topics]
    return [*observations, *await _topics(settings, used)]


def _of_privacy(settings: KafkaSettings, *, prefix: str) -> Iterator[Observation]:
    if all(address.startswith(_LOOPBACK) for address in settings.addresses):
        return
    if not settings.security_protocol.endswith("SSL"):
        says = f"is reached by {settings.security_protocol}: what is known of people can be read on the way"
        yield weak(
            "kafka", says, f"set {prefix}KAFKA__SECURITY_PROTOCOL to SASL_SSL, or keep the network private"
        )


async def _rights(settings: KafkaSettings, use: KafkaUse) -> Observation:
    if missing := await list_missing_rights(settings, use):
        user = settings.sasl_username or "this user"
        return wrong(
            "kafka rights", f"{user} lacks {', '.join(missing)}", "grant what README lists under Kafka"
        )
    return ok("kafka rights", "all that is needed is allowed")


async def _topics(settings: KafkaSettings, topics: Collection[TopicDescription]) -> list[Observation]:
    seen = {topic.name: topic for topic in await look_at_topics(settings, [topic.name for topic in topics])}
    kept = await read_topic_settings(settings, [name for name, topic in seen.items() if topic.is_there])
    observations = [
        observation
        for topic in topics
        if topic.name in seen
        for observation in _of_topic(topic, seen[topic.name], kept)
    ]
    return observations or [ok("topics", f"{len(topics)} are there, and keep what they have to")]


def _of_topic(
    topic: TopicDescription, seen: SeenTopic, kept: Mapping[str, Mapping[str, str]]
) -> Iterator[Observation]:
    subject = f"topic {topic.name}"
    if seen.rights == 0:
        return  # said already, by its rights
    if not seen.is_there:
        yield wrong(subject, "is not there", "run `outreach topics create`")
        return
    if seen.partitions < topic.partitions:
        says = f"has {seen.partitions} partitions instead of {topic.partitions}, so fewer replicas share it"
        yield weak(subject, says, "add partitions while nothing is in it")
    if topic.name not in kept:
        yield unknown(subject, "does not let us see what it keeps", "grant DESCRIBE_CONFIGS, or see by hand")
        return
    yield from _of_keeping(subject, topic, kept[topic.name])


def _of_keeping(subject: str, topic: TopicDescription, kept: Mapping[str, str]) -> Iterator[Observation]:
    wanted = topic.config.get("cleanup.policy", "delete")
    policy = kept.get("cleanup.policy", "delete")
    if policy != wanted:
        harm = (
            "forgets whoever was not told of lately"
            if wanted == "compact"
            else "forgets all but the last event"
        )
        yield wrong(subject, f"has cleanup.policy {policy} and {harm}", f"set cleanup.policy to {wanted}")
        return
    keeps, needed = (int(config.get("retention.ms", _UNLIMITED)) for config in (kept, topic.config))
    if wanted == "delete" and keeps != _UNLIMITED and keeps < needed:
        days = f"{keeps / 86_400_000:.1f} days of {needed / 86_400_000:.0f}"
        yield weak(subject, f"keeps {days}: more is not read back after a restore", "raise its retention.ms")
