"""From the outbox to Kafka: every entry at least once, those of one key in order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, timedelta

import msgspec
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from foundation import outbox
from foundation.backoff import Backoff
from foundation.database import Connection, Database, DatabaseUnavailable
from foundation.outbox import Entry

_LOCK = 0x72656C61  # any number, the same for every relay of a database
_HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]

log = structlog.get_logger(__name__)


class PublishFailed(Exception):
    """Kafka did not take some entries; they stay in the outbox, the others are published."""

    def __init__(self, failures: int, cause: str) -> None:
        super().__init__(f"{failures} not published: {cause}")
        self.failures = failures
        self.cause = cause


class Relay:
    """Publishes what the outbox holds and deletes what Kafka acknowledged.

    Of all relays on a database one works; the others wait to take over. One that dies between the
    acknowledgement and the deletion leaves entries that are published again, under the same ids.
    """

    def __init__(
        self,
        *,
        database: Database,
        producer: AIOKafkaProducer,
        limit: int = 1000,
        tick: timedelta = timedelta(seconds=1),
        backoff: Backoff | None = None,
    ) -> None:
        self._database = database
        self._producer = producer
        self._limit = limit
        self._tick = tick
        self._backoff = backoff or Backoff()
        self._wake = asyncio.Event()
        #: Whether this relay is the one that works.
        self.leading = False
        #: How many entries this relay has published.
        self.published = 0

    async def publish_once(self, limit: int | None = None) -> int:
        """Publish the oldest entries, unless another relay is at work; return how many.

        Raises:
            PublishFailed: Kafka did not take some of them.
            DatabaseUnavailable: the database is out of reach; what was published will be again.
        """
        async with self._leading() as connection:
            return await self._publish(connection, limit or self._limit) if connection else 0

    async def run(self, stop: asyncio.Event) -> None:
        """Publish whatever is or comes into the outbox until told to stop, through any outage."""
        listening = asyncio.create_task(self._database.listen(outbox.CHANNEL, lambda _: self._wake.set()))
        waking = asyncio.create_task(self._wake_at(stop))
        try:
            while not stop.is_set():
                await self._lead(stop)
        finally:
            for each in (listening, waking):
                each.cancel()
            await asyncio.gather(listening, waking, return_exceptions=True)

    async def _lead(self, stop: asyncio.Event) -> None:
        """Lead until told to stop or until something fails; then pause. Without the lead, wait for it."""
        try:
            async with self._leading() as connection:
                while connection and not stop.is_set():
                    self._wake.clear()
                    if await self._publish(connection, self._limit) < self._limit:
                        await self._sleep(self._tick)
                    self._backoff.reset()
                if connection is None:
                    await self._sleep(self._tick)
        except (PublishFailed, DatabaseUnavailable) as error:
            pause = self._backoff.next_pause()
            log.warning(
                "publishing interrupted",
                error=type(error).__name__,
                cause=getattr(error, "cause", None),
                next_attempt_in=pause.total_seconds(),
            )
            # Not woken by news: what just failed would be tried again with every new entry.
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause.total_seconds())

    @asynccontextmanager
    async def _leading(self) -> AsyncIterator[Connection | None]:
        """Yield the connection that holds the relays' lock, or None while another relay has it.

        Everything is read and deleted through this connection: if it breaks, the lock is gone, and
        so is the work.
        """
        async with self._database.dedicated() as connection:
            try:
                self.leading = await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK)
                yield connection if self.leading else None
            finally:
                self.leading = False

    async def _publish(self, connection: Connection, limit: int) -> int:
        # No transaction is open while Kafka is asked.
        entries = await outbox.read_front(connection, limit=limit)
        acknowledged, problem = await self._send(entries)
        if acknowledged:
            await outbox.delete(connection, acknowledged)
            self.published += len(acknowledged)
        if problem is not None:
            raise PublishFailed(len(entries) - len(acknowledged), type(problem).__name__) from problem
        return len(acknowledged)

    async def _send(self, entries: Sequence[Entry]) -> tuple[list[Entry], BaseException | None]:
        """Send all entries and return those acknowledged, of each key none behind one that was not."""
        problem: BaseException | None = None
        sent: list[asyncio.Future[object] | None] = []
        closed: set[str] = set()
        for each in entries:
            future = None
            if each.topic not in closed:
                try:
                    future = await self._producer.send(
                        each.topic, serialize(each), key=each.key.encode(), headers=_HEADERS
                    )
                except KafkaError as error:
                    # Its other entries would each wait as long for the same answer, and pass it by.
                    closed.add(each.topic)
                    problem = error
            sent.append(future)
        await asyncio.gather(*(each for each in sent if each), return_exceptions=True)
        return _acknowledged(entries, sent, problem)

    async def _sleep(self, longest: timedelta) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), longest.total_seconds())

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()


def _acknowledged(
    entries: Sequence[Entry], sent: Sequence[asyncio.Future[object] | None], problem: BaseException | None
) -> tuple[list[Entry], BaseException | None]:
    acknowledged: list[Entry] = []
    stuck: set[tuple[str, str]] = set()
    for entry, future in zip(entries, sent, strict=True):
        error = future.exception() if future else None
        problem = problem or error
        if future is None or error is not None:
            stuck.add((entry.topic, entry.key))
        elif (entry.topic, entry.key) not in stuck:
            acknowledged.append(entry)
    return acknowledged, problem


class _Envelope(msgspec.Struct):
    """CloudEvents 1.0 in structured mode; `sequence` is the extension of that name."""

    id: str
    source: str
    type: str
    time: str
    subject: str
    sequence: str
    data: msgspec.Raw
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


_encode = msgspec.json.Encoder().encode


def serialize(entry: Entry) -> bytes:
    """Return the record's value: the same for the same entry, whenever and by whom it is published."""
    return _encode(
        _Envelope(
            id=str(entry.id),
            source=entry.source,
            type=entry.type,
            time=entry.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            subject=entry.subject,
            sequence=str(entry.sequence),
            data=msgspec.Raw(entry.data.encode()),
        )
    )
