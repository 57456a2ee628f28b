"""From the outbox to Kafka: every entry at least once, those of one key in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata

from foundation import outbox
from foundation.backoff import Backoff
from foundation.database import Connection, Database
from foundation.offsets import Partition
from foundation.outbox import Entry

_LOCK = 0x72656C61  # any number, the same for every relay of a database
_ENDS_WITHIN = timedelta(seconds=5)
HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]

log = structlog.get_logger(__name__)


class PublishFailed(Exception):
    """Kafka did not take some entries; they stay in the outbox, the others are published."""

    def __init__(self, *, failures: int, published: int, cause: str) -> None:
        super().__init__(f"{failures} not published: {cause}")
        self.failures = failures
        self.published = published
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
        producer: Callable[[], AbstractAsyncContextManager[AIOKafkaProducer]],
        limit: int = 1000,
        tick: timedelta = timedelta(seconds=1),
        backoff: Backoff | None = None,
        before: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """Take a way to open a producer, such as `partial(publishing, settings, client_id="relay")`.

        After a failure it is opened anew, because some errors leave a producer useless for ever.
        `before` is awaited whenever this relay begins to lead, before it publishes anything.
        """
        self._database = database
        self._open_producer = producer
        self._limit = limit
        self._tick = tick
        self._backoff = backoff or Backoff()
        self._before = before
        self._wake = asyncio.Event()
        self._too_large: set[int] = set()
        #: Whether this relay is the one that works.
        self.leading = False
        #: How many entries this relay has published.
        self.published = 0

    async def publish_once(self, limit: int | None = None) -> int:
        """Publish the oldest entries, unless another relay is at work; return how many.

        While Kafka is away this waits for it.

        Raises:
            PublishFailed: Kafka did not take some of them.
            DatabaseUnavailable: the database is out of reach; what was published will be again.
            KafkaError: Kafka was out of reach from the start.
        """
        async with self._leading() as connection:
            if connection is None:
                return 0
            async with self._open_producer() as producer:
                return await self._publish(connection, producer, limit or self._limit)

    async def run(self, stop: asyncio.Event) -> None:
        """Publish whatever is or comes into the outbox until told to stop, through any outage.

        Then it publishes what is there, unless that takes long: another relay, or the next, will.
        """
        listening = asyncio.create_task(self._database.listen(outbox.CHANNEL, lambda _: self._wake.set()))
        working = asyncio.create_task(self._work(stop))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            self._wake.set()
            # While Kafka is away a send has no end; what is cut off now goes out again later.
            await asyncio.wait({working}, timeout=_ENDS_WITHIN.total_seconds())
        finally:
            for task in (listening, working, stopping):
                task.cancel()
            await asyncio.gather(listening, working, stopping, return_exceptions=True)

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._lead(stop)
            except Exception as error:  # the outermost edge of the work
                pause = self._backoff.next_pause()
                log.warning(
                    "publishing interrupted",
                    cause=getattr(error, "cause", None),
                    next_attempt_in=pause.total_seconds(),
                    exc_info=error,
                )
                # Not woken by news: what just failed would be tried again with every new entry.
                await _wait(stop, pause)

    async def _lead(self, stop: asyncio.Event) -> None:
        """Publish until told to stop or until something fails; wait a moment if another relay does."""
        async with self._leading() as connection:
            if connection is not None:
                async with self._open_producer() as producer:
                    while not stop.is_set():
                        await self._publish_or_wait(connection, producer)
                    await self._publish_rest(connection, producer)
        # News are for the relay that leads; this one only looks now and then whether it still does.
        await _wait(stop, self._tick)

    def _note_too_large(self, entry: Entry) -> None:
        # It never will go: somebody has to look, and until then its key waits.
        if entry.position not in self._too_large:
            self._too_large.add(entry.position)
            log.error("entry too large for Kafka", event_id=entry.id, position=entry.position)

    async def _publish_rest(self, connection: Connection, producer: AIOKafkaProducer) -> None:
        while await self._publish(connection, producer, self._limit) == self._limit:
            pass

    async def _publish_or_wait(self, connection: Connection, producer: AIOKafkaProducer) -> None:
        self._wake.clear()
        try:
            published = await self._publish(connection, producer, self._limit)
        except PublishFailed as failure:
            # One entry that Kafka does not take must not slow down all the others.
            if not failure.published:
                raise
            return
        self._backoff.reset()
        if published < self._limit:
            await _wait(self._wake, self._tick)

    @asynccontextmanager
    async def _leading(self) -> AsyncIterator[Connection | None]:
        """Yield the connection that holds the relays' lock, or None while another relay has it.

        Everything is read and deleted through this connection: if it breaks, the lock is gone, and
        so is the work.
        """
        async with self._database.dedicated() as connection:
            try:
                self.leading = await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK)
                if self.leading and self._before is not None:
                    await self._before()
                yield connection if self.leading else None
            finally:
                self.leading = False

    async def _publish(self, connection: Connection, producer: AIOKafkaProducer, limit: int) -> int:
        # No transaction is open while Kafka is asked.
        entries = await outbox.read_front(connection, limit=limit)
        acknowledged, problem = await self._send(producer, entries)
        if acknowledged:
            await outbox.delete(connection, list(acknowledged), published=_following(acknowledged.values()))
            self.published += len(acknowledged)
        if problem is not None:
            raise PublishFailed(
                failures=len(entries) - len(acknowledged),
                published=len(acknowledged),
                cause=type(problem).__name__,
            ) from problem
        return len(acknowledged)

    async def _send(
        self, producer: AIOKafkaProducer, entries: Sequence[Entry]
    ) -> tuple[dict[Entry, RecordMetadata], BaseException | None]:
        """Send all entries and return those acknowledged, of each key none behind one that was not."""
        problem: BaseException | None = None
        sent: list[asyncio.Future[RecordMetadata] | None] = []
        closed: set[str] = set()
        stuck: set[tuple[str, str]] = set()
        for entry in entries:
            future = None
            if entry.topic not in closed and (entry.topic, entry.key) not in stuck:
                try:
                    future = await producer.send(
                        entry.topic, serialize(entry), key=entry.key.encode(), headers=HEADERS
                    )
                except MessageSizeTooLargeError as error:
                    stuck.add((entry.topic, entry.key))
                    problem = error
                    self._note_too_large(entry)
                except KafkaError as error:
                    # Its other entries would each wait as long for the same answer, and pass it by.
                    closed.add(entry.topic)
                    problem = error
            sent.append(future)
        await asyncio.gather(*(delivery for delivery in sent if delivery), return_exceptions=True)
        return _acknowledged(entries, sent, problem)


def _acknowledged(
    entries: Sequence[Entry],
    sent: Sequence[asyncio.Future[RecordMetadata] | None],
    problem: BaseException | None,
) -> tuple[dict[Entry, RecordMetadata], BaseException | None]:
    acknowledged: dict[Entry, RecordMetadata] = {}
    stuck: set[tuple[str, str]] = set()
    for entry, future in zip(entries, sent, strict=True):
        error = future.exception() if future else None
        problem = problem or error
        if future is None or error is not None:
            stuck.add((entry.topic, entry.key))
        elif (entry.topic, entry.key) not in stuck:
            acknowledged[entry] = future.result()
    return acknowledged, problem


def _following(published: Iterable[RecordMetadata]) -> Mapping[Partition, int]:
    """Return the offset that follows the last of these records, per partition."""
    following: dict[Partition, int] = {}
    for record in published:
        # One that Kafka had already is acknowledged without its offset.
        if record.offset >= 0:
            partition = (record.topic, record.partition)
            following[partition] = max(following.get(partition, 0), record.offset + 1)
    return following


async def _wait(event: asyncio.Event, longest: timedelta) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), longest.total_seconds())


class _Envelope(msgspec.Struct):
    """CloudEvents 1.0 in structured mode; `sequence` is the extension of that name."""

    id: UUID
    source: str
    type: str
    time: datetime
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
            id=entry.id,
            source=entry.source,
            type=entry.type,
            time=entry.occurred_at.astimezone(UTC),
            subject=entry.key,
            sequence=str(entry.sequence),
            data=msgspec.Raw(entry.data.encode()),
        )
    )
