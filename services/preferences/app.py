"""Wires the service and decides nothing."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

import structlog

from foundation import inbox, offsets, quarantine
from foundation.caught_up import CaughtUpWatch, stored_in
from foundation.clock import Clock
from foundation.database import Database
from foundation.garbage import collect_seldom
from foundation.gauges import Gauges
from foundation.health import Health, database_answers, kafka_answers, keeping_up, reading, schema_is_expected
from foundation.kafka import publishing, rewind_to, subscribing_broker
from foundation.metrics import Metrics
from foundation.relay import Relay
from foundation.serving import serving
from foundation.subscribers import Subscription
from foundation.ticks import Ticks
from preferences.announcing.report import report_caught_up
from preferences.config import Config
from preferences.http.operations import operations
from preferences.kafka.intake import TOPICS, Intake, group_of

#: Often enough that outreach need not wonder, seldom enough to be no load.
_REPORTS_EVERY = timedelta(seconds=3)
#: Longer than Kafka keeps any record that may come again.
_EVENTS_ARE_REMEMBERED_FOR = timedelta(days=60)
_DECISIONS_ARE_REMEMBERED_FOR = timedelta(days=365)

log = structlog.get_logger(__name__)


async def run(config: Config, *, clock: Clock) -> None:
    """Run the service until SIGTERM or SIGINT, then finish the batch in hand, publish, and leave.

    Raises:
        DatabaseUnavailable, KafkaError, NotServing: it cannot start.
    """
    stop = _stop_at_signals()
    metrics = Metrics(prefix="preferences")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            Database.open(config.database_url.get_secret_value(), size=config.connections, name="preferences")
        )
        subscriptions = Intake(database=database, clock=clock).subscriptions()
        health = _health(database, config, subscriptions, clock=clock)
        port = await stack.enter_async_context(
            serving(operations(health=health, metrics=metrics), host=config.http.host, port=config.http.port)
        )
        relay = Relay(database=database, producer=partial(publishing, config.kafka, client_id="preferences"))
        await _relaying(stack, relay)
        await _reading(stack, config, database, subscriptions)
        watches = _watch(stack, database, subscriptions, clock=clock, stop=stop)
        for watch in watches:
            health.add(f"keeping up with {watch.subscription.topic}", keeping_up(watch, clock=clock))
        ticks = _ticks(database, watches, relay, metrics=metrics, clock=clock)
        ticks.start()
        stack.push_async_callback(ticks.stop)
        collect_seldom()
        log.info("running", port=port)
        await stop.wait()
        # Left in the reverse order: first nothing more is read, then what was done is published.
        log.info("stopping")
    log.info("stopped")


def _stop_at_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop_signal, stop.set)
    return stop


async def _reading(
    stack: AsyncExitStack, config: Config, database: Database, subscriptions: Sequence[Subscription]
) -> None:
    """Start to read where the database stands, even if Kafka remembers to be further on."""
    for subscription in subscriptions:
        async with database.transaction() as connection:
            stored = await offsets.read(connection, subscription.group)
        await rewind_to(config.kafka, group=subscription.group, topic=subscription.topic, stored=stored)
    broker = subscribing_broker(config.kafka, client_id="preferences")
    for subscription in subscriptions:
        subscription.attach(broker)
    stack.push_async_callback(broker.stop)
    await broker.start()


async def _relaying(stack: AsyncExitStack, relay: Relay) -> None:
    """Publish from now on; on leaving, publish what is there and then stop."""
    done = asyncio.Event()
    task = asyncio.create_task(relay.run(done), name="relay")

    async def finish() -> None:
        done.set()
        await task

    stack.push_async_callback(finish)


def _watch(
    stack: AsyncExitStack,
    database: Database,
    subscriptions: Sequence[Subscription],
    *,
    clock: Clock,
    stop: asyncio.Event,
) -> list[CaughtUpWatch]:
    watches = [
        CaughtUpWatch(subscription, clock=clock, report=stored_in(database, group=subscription.group))
        for subscription in subscriptions
    ]
    tasks = [asyncio.create_task(watch.run(stop), name="watch") for watch in watches]

    async def finish() -> None:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)

    stack.push_async_callback(finish)
    return watches


def _health(
    database: Database, config: Config, subscriptions: Sequence[Subscription], *, clock: Clock
) -> Health:
    health = Health()
    health.add("database", database_answers(database))
    health.add("schema", schema_is_expected(database, package="preferences"))
    health.add("kafka", kafka_answers(config.kafka))
    for subscription in subscriptions:
        health.add(f"reading {subscription.topic}", reading(subscription, clock=clock))
    return health


def _ticks(
    database: Database,
    watches: Sequence[CaughtUpWatch],
    relay: Relay,
    *,
    metrics: Metrics,
    clock: Clock,
) -> Ticks:
    gauges = Gauges(metrics=metrics)

    async def measure() -> None:
        await gauges.measure_relay(relay)
        for watch in watches:
            await gauges.measure_reading(watch)
        await gauges.measure_database(database)

    async def report() -> None:
        groups = {topic: group_of(topic) for topic in TOPICS}
        await report_caught_up(groups=groups, database=database, clock=clock)

    async def forget() -> None:
        now = clock.now()
        async with database.transaction() as connection:
            await inbox.delete_heard(connection, before=now - _EVENTS_ARE_REMEMBERED_FOR)
            await quarantine.delete_closed(connection, before=now - _DECISIONS_ARE_REMEMBERED_FOR)

    ticks = Ticks(metrics=metrics)
    ticks.add("measure", measure, every=timedelta(seconds=5), jitter=timedelta(seconds=1))
    ticks.add("report", report, every=_REPORTS_EVERY)
    ticks.add("forget", forget, every=timedelta(hours=1), jitter=timedelta(minutes=5))
    return ticks
