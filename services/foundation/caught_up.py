"""Until when a consumer has handled everything: the age of a copy that is kept from a topic."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import READ_UNCOMMITTED

from foundation import offsets
from foundation.clock import Clock
from foundation.database import Database
from foundation.offsets import Partition
from foundation.subscribers import Subscription

#: Called with the instants before which all that was published is handled, by partition.
Report = Callable[[Mapping[Partition, datetime]], Awaitable[None]]

_ANSWERS_WITHIN = timedelta(seconds=10)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a partition reached at an instant."""

    end: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Stand:
    """How things stood at a look: batches begun, whether one was in hand, where reading was."""

    begun: int
    busy: bool
    position: Mapping[TopicPartition, int]


def stored_in(database: Database, *, group: str) -> Report:
    """Report to the database, where `offsets.caught_up_at` finds it; as the consumer group `group`."""

    async def report(instants: Mapping[Partition, datetime]) -> None:
        async with database.transaction() as connection:
            for (topic, partition), at in sorted(instants.items()):
                await offsets.store_caught_up(connection, group, topic, partition, at=at)

    return report


class CaughtUpWatch:
    """Asks Kafka where the partitions end and reports the instant of asking once that is handled."""

    def __init__(self, subscription: Subscription, *, clock: Clock, report: Report) -> None:
        self.subscription = subscription
        self._clock = clock
        self._report = report
        self._marks: dict[TopicPartition, _Mark] = {}
        self._before = _Stand(0, busy=True, position={})
        #: Since when records wait and none of them was begun or read past; None while nothing waits.
        self.stuck_since: datetime | None = None
        #: Records published but not yet handled, at the last look; by partition.
        self.lag: dict[int, int] = {}

    @property
    def waiting_since(self) -> datetime | None:
        """The instant of the oldest look whose records are not all handled; None while nothing is read."""
        return min((mark.at for mark in self._marks.values()), default=None)

    async def run(self, stop: asyncio.Event, *, every: timedelta = timedelta(seconds=1)) -> None:
        """Look again and again until told to stop; while Kafka is out of reach nothing is reported.

        Returning before that, it looks no more: somebody has to begin it anew.
        """
        watching, stopping = asyncio.create_task(self._watch(every)), asyncio.create_task(stop.wait())
        await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        # A consumer that is stopping answers no more, and nobody needs to know how far behind it is.
        for task in (watching, stopping):
            task.cancel()
        await asyncio.wait({watching, stopping})

    async def _watch(self, every: timedelta) -> None:
        failing = False
        while True:
            try:
                async with asyncio.timeout(_ANSWERS_WITHIN.total_seconds()):
                    await self.look()
                failing = False
            except Exception as error:  # the outermost edge of a tick
                if not failing:
                    log.warning("cannot tell how far behind", topic=self.subscription.topic, exc_info=error)
                failing = True
            await asyncio.sleep(every.total_seconds())

    async def look(self) -> None:
        """Report what was reached since the last look, and set new marks.

        While a flood has stopped reading nothing is reported, even if nothing new came.
        """
        consumer = self.subscription.consumer
        mine = consumer.assignment() if consumer else set()
        self._marks = {partition: mark for partition, mark in self._marks.items() if partition in mine}
        if consumer is None or not mine:
            self.lag, self.stuck_since = {}, None
            return
        stand = await self._stand(consumer, mine)
        flooded = self.subscription.standing().flooded
        reached = (
            []
            if flooded
            else [
                partition for partition, mark in self._marks.items() if self._reached(partition, mark, stand)
            ]
        )
        moved = stand != self._before or stand.busy
        self._before = stand
        instants = {
            (partition.topic, partition.partition): self._marks.pop(partition).at for partition in reached
        }
        if instants:
            await self._report(instants)
        await self._mark(consumer, mine)
        waits = any(mark.end > stand.position[partition] for partition, mark in self._marks.items())
        self.stuck_since = (self.stuck_since or self._clock.now()) if waits and not moved else None

    async def _mark(self, consumer: AIOKafkaConsumer, mine: set[TopicPartition]) -> None:
        # The instant is taken before asking: what is published meanwhile does not count as handled.
        asked_at = self._clock.now()
        ends = await _ends(consumer, mine)
        for partition, end in ends.items():
            # A mark not reached yet stays: on a busy topic a newer one would always be out of reach.
            self._marks.setdefault(partition, _Mark(end, asked_at))
        self.lag = {
            partition.partition: end - await self._next(consumer, partition)
            for partition, end in ends.items()
        }

    async def _next(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> int:
        following = self.subscription.following.get((partition.topic, partition.partition))
        # Before the first batch, where reading stands; a batch in hand already counts, but briefly.
        return int(await consumer.position(partition)) if following is None else following

    async def _stand(self, consumer: AIOKafkaConsumer, mine: set[TopicPartition]) -> _Stand:
        position = {partition: int(await consumer.position(partition)) for partition in mine}
        return _Stand(self.subscription.begun, self.subscription.busy, position)

    def _reached(self, partition: TopicPartition, mark: _Mark, stand: _Stand) -> bool:
        if self.subscription.following.get((partition.topic, partition.partition), 0) >= mark.end:
            return True
        # All had been fetched at the look before, and what was in hand then is handled: then all is, and
        # the end may hold markers of transactions, which are no records. It is not asked whether anything
        # was in hand since the mark was set: that may be long ago, and a quiet partition would wait for ever.
        before = self._before
        fetched = min(before.position.get(partition, -1), stand.position[partition]) >= mark.end
        return fetched and self._ended_since(before, stand)

    def _ended_since(self, before: _Stand, stand: _Stand) -> bool:
        """Tell whether the batch of the look before, if there was one, is handled: batches come one by one.

        On a busy topic another is always in hand, which says nothing of partitions that are quiet.
        """
        if self.subscription.standing().failing_since is not None:
            return False
        begun = stand.begun - before.begun
        if begun == 0:
            return not (stand.busy or before.busy)
        # What had been fetched and not begun by then is the next one.
        return begun > 1 or before.busy or not stand.busy


async def _ends(consumer: AIOKafkaConsumer, partitions: set[TopicPartition]) -> Mapping[TopicPartition, int]:
    """Return where these partitions end, with what lies behind a transaction that is still open.

    That is published, and nobody can read it yet. The consumer's own answer ends before it.
    """
    asker = copy(consumer._fetcher)  # noqa: SLF001 (there is no public way to ask as others do)
    asker._isolation_level = READ_UNCOMMITTED  # noqa: SLF001
    ends: Mapping[TopicPartition, int] = await asker.end_offsets(
        partitions, _ANSWERS_WITHIN.total_seconds() * 1000
    )
    return ends
