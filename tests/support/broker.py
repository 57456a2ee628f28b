"""The Kafka of a test run, and topics that no other test uses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.support.eventually import eventually


@dataclass(frozen=True, slots=True)
class Broker:
    """A real broker that all tests share, so every test takes names of its own."""

    address: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def fresh_name(self, word: str) -> str:
        """Return a name for a topic or group, beginning with `word`, that nobody had before."""
        return f"{word}-{next(self._numbers)}"

    async def create_topic(
        self, word: str = "topic", *, partitions: int = 1, config: Mapping[str, str] | None = None
    ) -> str:
        """Create an empty topic of a fresh name; return the name."""
        name = self.fresh_name(word)
        await self.create_again(name, partitions=partitions, config=config)
        return name

    async def empty_topics(self, names: Iterable[str]) -> None:
        """Delete these topics, and with them how far anybody had read them; return once they are gone."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            await admin.delete_topics(list(names))
            await eventually(lambda: _are_gone(admin, set(names)))
        finally:
            await admin.close()

    async def create_again(
        self, name: str, *, partitions: int = 1, config: Mapping[str, str] | None = None
    ) -> None:
        """Create an empty topic of this name, as after one was deleted; return once it is there."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            topic = NewTopic(
                name, num_partitions=partitions, replication_factor=1, topic_configs=dict(config or {})
            )
            await admin.create_topics([topic])
            # The controller answers before the broker knows of it: whoever asks at once is told of none.
            await eventually(lambda: _is_led(admin, name, partitions))
        finally:
            await admin.close()

    async def delete_topic(self, name: str) -> None:
        """Delete a topic, whoever reads it."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            await admin.delete_topics([name])
        finally:
            await admin.close()


async def _is_led(admin: AIOKafkaAdminClient, name: str, partitions: int) -> bool:
    (topic,) = await admin.describe_topics([name])
    return [partition["leader"] >= 0 for partition in topic["partitions"]] == [True] * partitions


async def _are_gone(admin: AIOKafkaAdminClient, names: set[str]) -> bool:
    return not names & set(await admin.list_topics())
