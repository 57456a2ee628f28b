"""A service's own past, read back from the topics it publishes: what a restored database lacks of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import RequestTimedOutError

from foundation import offsets, outbox, recovery
from foundation.behind import PATIENCE, Topics, note_what_is_missing
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.header_names import tolerate_any_header_name
from foundation.kafka import client_options
from foundation.records import Record
from foundation.recovery import Recovery
from foundation.settings import KafkaSettings

#: Puts back, in the caller's transaction, what these records say; returns how many said something new.
Remember = Callable[[Connection, Sequence[Record]], Awaitable[int]]

_LOCK = 0x70617374  # any number, the same for everybody who reads a database's past back
_AT_ONCE: Final = 500
_FETCHES_WITHIN_MS: Final = 1_000
#: Nothing is sent, read or published before the comparison has ended, so one that hangs is begun anew.
_COMPARES_WITHIN: Final = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class OwnPast:
    """Sees whether a database lacks some of its own past, and reads that back before it is acted upon."""

    def __init__(
        self,
        *,
        database: Database,
        kafka: KafkaSettings,
        clock: Clock,
        topics: Topics,
        remember: Remember,
        patience: timedelta = PATIENCE,
        compares_within: timedelta = _COMPARES_WITHIN,
    ) -> None:
        """Take how a batch is remembered, and how long a relay may take to note what it published.

        A comparison that takes longer than `compares_within` has failed.
        """
        self._database = database
        self._kafka = kafka
        self._clock = clock
        self._topics = topics
        self._remember = remember
        self._patience = patience
        self._compares_within = compares_within
        #: Whether this process has compared the database with Kafka.
        self.is_compared = False
        #: Set once this process has seen that nothing of its own past is left to be read.
        self.whole = asyncio.Event()

    async def compare(self) -> None:
        """Note what the database lacks of what it had read and published.

        Raises:
            DatabaseUnavailable, KafkaError: nobody knows.
        """
        try:
            async with asyncio.timeout(self._compares_within.total_seconds()):
                await note_what_is_missing(
                    self._topics,
                    kafka=self._kafka,
                    database=self._database,
                    now=self._clock.now(),
                    patience=self._patience,
                )
        except TimeoutError:
            raise RequestTimedOutError from None
        self.is_compared = True

    async def compare_soon(self, stop: asyncio.Event, *, every: timedelta = timedelta(seconds=1)) -> None:
        """Compare, through any outage, until it is done once or `stop` is set."""
        failing = False
        while not (self.is_compared or stop.is_set()):
            try:
                await self.compare()
            except Exception as error:  # noqa: BLE001 (the outermost edge of the work)
                if not failing:
                    log.warning("not compared with Kafka", error=type(error).__name__)
                failing = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), every.total_seconds())

    async def is_whole(self) -> bool:
        """Say whether nothing of the database's own past is left to be read."""
        return not await self._list_missing()

    async def run(self, stop: asyncio.Event, *, every: timedelta = timedelta(seconds=1)) -> None:
        """Read back whatever is noted to be missing, until told to stop, through any outage."""
        while not stop.is_set():
            try:
                await self.read_back()
                if await self.is_whole():
                    self.whole.set()
            except Exception as error:  # the outermost edge of the work
                log.warning("own past not read", exc_info=error)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every.total_seconds())

    async def read_back(self) -> int:
        """Read what is noted to be missing, unless another process does; return how many records said news.

        Raises:
            DatabaseUnavailable, KafkaError: the rest is still missing, and goes on from here.
        """
        missing = await self._list_missing()
        if not missing:
            return 0
        found = 0
        async with self._database.dedicated() as alone:
            if not await alone.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                return 0
            while missing := await self._list_missing():
                found += await self._read(missing)
        log.info("own past read back", found=found)
        return found

    async def _list_missing(self) -> list[Recovery]:
        async with self._database.transaction() as connection:
            gaps = await recovery.list_open(connection)
        return [gap for gap in gaps if gap.cause == "own_past" and gap.missing]

    async def _read(self, missing: Sequence[Recovery]) -> int:
        """Read what is missing of each partition, batch by batch, each remembered with its offset."""
        gaps = {TopicPartition(gap.topic, gap.partition): gap for gap in missing}
        found = 0
        tolerate_any_header_name()
        consumer = AIOKafkaConsumer(
            **client_options(self._kafka),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        await consumer.start()
        try:
            consumer.assign(list(gaps))
            for partition, gap in gaps.items():
                consumer.seek(partition, gap.stands)
            while gaps:
                fetched = await consumer.getmany(timeout_ms=_FETCHES_WITHIN_MS, max_records=_AT_ONCE)
                for partition, gap in list(gaps.items()):
                    position = await consumer.position(partition)
                    found += await self._take(gap, fetched.get(partition, ()), position=position)
                    if position >= gap.committed:
                        del gaps[partition]
                        consumer.pause(partition)
        finally:
            await consumer.stop()
        return found

    async def _take(
        self, gap: Recovery, fetched: Sequence[ConsumerRecord[Any, Any]], *, position: int
    ) -> int:
        """Remember what was fetched of a partition, and how far that is; return how much of it was news."""
        records = [
            Record(
                record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers)
            )
            for record in fetched
            # What was published since is known.
            if record.offset < gap.committed
        ]
        partition = (gap.topic, gap.partition)
        async with self._database.transaction() as connection:
            found = await self._remember(connection, records) if records else 0
            await recovery.count_found(connection, gap, found)
            await offsets.advance(connection, gap.consumer_group, {partition: position})
            if position >= gap.committed:
                await self._know_published(connection, gap)
        return found

    async def _know_published(self, connection: Connection, gap: Recovery) -> None:
        partition = (gap.topic, gap.partition)
        published = await outbox.read_published(connection)
        if published.get(partition, 0) < gap.committed:
            await outbox.note_published(connection, {partition: gap.committed})
