"""A running process of a service: how it starts, is watched, publishes, and ends what it has in hand."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, Self, TypeAlias

import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp

from foundation import offsets
from foundation.caught_up import CaughtUpWatch, stored_in
from foundation.clock import Clock
from foundation.clock_check import CLOCKS_DIFFER_BY_AT_MOST, CheckedClock
from foundation.database import Database
from foundation.flood_watch import FloodWatch
from foundation.garbage import collect_seldom
from foundation.gauges import Gauges
from foundation.health import Health, database_answers, kafka_answers, keeping_up, reading
from foundation.http_limits import Limits
from foundation.kafka import publishing, rewind_to, subscribing_broker
from foundation.kafka_rights import KafkaUse, RightsWatch
from foundation.metrics import Metrics
from foundation.own_past import OwnPast
from foundation.relay import Relay
from foundation.serving import serving
from foundation.settings import InternalConfig, KafkaSettings
from foundation.subscribers import Subscription
from foundation.ticks import Ticks
from foundation.watching import watching_routes

#: Work that goes on until the event is set, and then ends what it has in hand.
Part: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]

_MEASURES_EVERY: Final = timedelta(seconds=10)

log = structlog.get_logger(__name__)

_COMPARES_CLOCKS_EVERY = timedelta(seconds=1)
_FOLLOWS_FLOODS_EVERY = timedelta(seconds=1)
_ASKS_FOR_RIGHTS_EVERY = timedelta(minutes=1)


class PartEnded(Exception):
    """A part of a process ended without a word though nobody had told it to.

    It was cancelled from within, as by a client that is closed while it begins something.
    """


def stop_at_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set from now on."""
    stop = asyncio.Event()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop_signal, stop.set)
    return stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What the parts of a process share, and their beginning and end.

    What was begun last ends first. So whoever begins `publish` before all that writes events has them
    published before the process leaves.
    """

    database: Database
    kafka: KafkaSettings
    clock: Clock
    #: The same clock, compared with the database's every second.
    checked: CheckedClock
    metrics: Metrics
    health: Health
    ticks: Ticks
    stop: asyncio.Event
    #: What is put on it is closed on leaving, in the reverse order.
    stack: AsyncExitStack
    gauges: Gauges
    _tasks: asyncio.TaskGroup

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        database: Database,
        kafka: KafkaSettings,
        clock: Clock,
        metrics: Metrics,
        stop: asyncio.Event,
        clock_skew_limit: timedelta = CLOCKS_DIFFER_BY_AT_MOST,
    ) -> AsyncIterator[Self]:
        """Give a process that measures its database; leaving the block ends all that was begun.

        A part that fails ends the others: whoever started the process sees it and starts it again.
        """
        checked = CheckedClock(clock, database=database, limit=clock_skew_limit)
        await checked.look()
        async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
            process = cls(
                database=database,
                kafka=kafka,
                clock=clock,
                checked=checked,
                metrics=metrics,
                health=Health(),
                ticks=Ticks(metrics=metrics),
                stop=stop,
                stack=stack,
                gauges=Gauges(metrics=metrics),
                _tasks=tasks,
            )
            process.health.add("database", database_answers(database))
            process.health.add("clock", checked.check)
            process.ticks.add("clock", checked.look, every=_COMPARES_CLOCKS_EVERY)
            process._measure("gauges", partial(process.gauges.measure_database, database, checked))
            yield process
        log.info("stopped")

    def begin(self, part: Part, *, until: asyncio.Event | None = None, may_end: bool = False) -> None:
        """Begin a part that is told to stop when the process is, or by `until`; leaving waits for its end.

        One that ends before ends the process as one that fails does, unless it `may_end`.
        """
        stop = until or self.stop
        task = self._tasks.create_task(_lasting(part(stop), stop=stop, may_end=may_end))
        self.stack.push_async_callback(_end, task, stop=stop)

    def follow(self, channel: str, hear: Callable[[str], None]) -> None:
        """Hear what is notified on a channel of the database, until leaving."""
        listening = _lasting(self.database.listen(channel, hear), stop=self.stop)
        self.stack.callback(self._tasks.create_task(listening).cancel)

    async def is_allowed(self, use: KafkaUse) -> None:
        """Return if Kafka allows all of this, or cannot be asked; health says from now on what it does not.

        Raises:
            RightsMissing: it does not allow something.
        """
        watch = RightsWatch(self.kafka, use)
        self.health.add("kafka rights", watch.check)
        self.ticks.add("kafka rights", watch.look, every=_ASKS_FOR_RIGHTS_EVERY)
        await watch.insist()

    def publish(self, *, client_id: str, past: OwnPast | None = None) -> None:
        """Publish the outbox from now on; on leaving, publish what is there and then stop.

        With a `past`, nothing is published before it is known what Kafka has that the database lacks.
        """
        self.health.add("kafka", kafka_answers(self.kafka))
        relay = Relay(
            database=self.database,
            producer=partial(publishing, self.kafka, client_id=client_id),
            before=past.compare if past is not None else None,
        )
        # It is told to stop on leaving, not by the signal: until then others write what it has to publish.
        self.begin(relay.run, until=asyncio.Event())
        self._measure("gauges of the relay", partial(self.gauges.measure_relay, relay))

    def watch(self, subscriptions: Sequence[Subscription]) -> None:
        """Say in health and metrics how these subscriptions do, and note until when they caught up."""
        self.health.add("kafka", kafka_answers(self.kafka))
        for subscription in subscriptions:
            topic = subscription.topic
            report = stored_in(self.database, group=subscription.group)
            # By the checked clock: what a fast one tells would be fresh long after reading ended.
            watch = CaughtUpWatch(subscription, clock=self.checked, report=report)
            self.begin(watch.run)
            self.health.add(f"reading {topic}", reading(subscription, clock=self.clock))
            self.health.add(f"keeping up with {topic}", keeping_up(watch, clock=self.clock))
            self._measure(f"gauges of {topic}", partial(self.gauges.measure_reading, watch))

    async def read_after(
        self, past: OwnPast, subscriptions: Sequence[Subscription], *, client_id: str
    ) -> None:
        """Begin to read once the database knows its own past, which is read back first.

        What others say then finds what was done about it. Where nothing of it is missing, as ever but after a
        restore, reading has begun when this returns.

        Raises:
            DatabaseUnavailable, KafkaError: nothing is read.
        """
        await past.compare()
        self.begin(past.run)
        if await past.is_whole():
            await self.read(subscriptions, client_id=client_id)
        else:
            self.begin(partial(self._read_when_whole, past, subscriptions, client_id), may_end=True)

    async def _read_when_whole(
        self, past: OwnPast, subscriptions: Sequence[Subscription], client_id: str, stop: asyncio.Event
    ) -> None:
        await first_of(past.whole, stop)
        if not stop.is_set():
            await self.read(subscriptions, client_id=client_id)

    async def read(self, subscriptions: Sequence[Subscription], *, client_id: str) -> None:
        """Begin to read where the database stands, even if Kafka remembers to be further on.

        Raises:
            DatabaseUnavailable, KafkaError: nothing is read.
        """
        for subscription in subscriptions:
            async with self.database.transaction() as connection:
                stored = await offsets.read(connection, subscription.group)
            await rewind_to(
                self.kafka,
                group=subscription.group,
                topic=subscription.topic,
                stored=stored,
            )
        floods = FloodWatch(subscriptions, database=self.database, clock=self.clock)
        await floods.look()
        self.ticks.add("floods", floods.look, every=_FOLLOWS_FLOODS_EVERY)
        broker = subscribing_broker(self.kafka, client_id=client_id)
        for subscription in subscriptions:
            subscription.attach(broker)
        self.stack.push_async_callback(broker.stop)
        await broker.start()
        for subscription in subscriptions:
            self.begin(subscription.last)

    async def serve(
        self,
        application: ASGIApp,
        *,
        host: str,
        port: int,
        setting: str = "HTTP__PORT",
        limits: Limits | None = None,
        at: Mapping[str, Limits] | None = None,
    ) -> int:
        """Serve until leaving; return the port, which matters where any free one was asked for.

        `setting` is the one that an error names. Without `limits` the usual ones hold; `at` are those of
        paths that take more.

        Raises:
            NotServing: nothing can listen there.
        """
        taken = await self.stack.enter_async_context(
            serving(application, host=host, port=port, setting=setting, limits=limits, at=at)
        )
        log.info("serving", port=taken)
        return taken

    async def serve_internally(
        self, internal: InternalConfig, *, application: Starlette | None = None
    ) -> int:
        """Serve health, metrics and `application` where only one's own systems come, until leaving.

        Raises:
            NotServing: nothing can listen there.
        """
        served = application or Starlette()
        served.router.routes.extend(watching_routes(health=self.health, metrics=self.metrics))
        return await self.serve(served, host=internal.host, port=internal.port, setting="INTERNAL__PORT")

    async def run(self, **about: str) -> None:
        """Tick until the process is told to stop; `about` says in the log what runs."""
        self.ticks.start()
        self.stack.push_async_callback(self.ticks.stop)
        collect_seldom()
        log.info("running", **about)
        await self.stop.wait()
        log.info("stopping")

    def _measure(self, name: str, measure: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.ticks.add(name, measure, every=_MEASURES_EVERY)


async def _lasting(work: Coroutine[Any, Any, None], *, stop: asyncio.Event, may_end: bool = False) -> None:
    """Do work that is to last until it is told to stop, or be cancelled.

    Raises:
        PartEnded: it ended before.
    """
    task = asyncio.current_task()
    assert task is not None
    try:
        await work
        ended = not may_end
    except asyncio.CancelledError:
        if task.cancelling():
            raise
        ended = True
    if ended and not (stop.is_set() or task.cancelling()):
        raise PartEnded


async def first_of(*events: asyncio.Event) -> None:
    """Return when one of these is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def _end(work: asyncio.Task[None], *, stop: asyncio.Event) -> None:
    """Let work under way end: whoever leaves closes next what it works with."""
    stop.set()
    await asyncio.wait([work])
