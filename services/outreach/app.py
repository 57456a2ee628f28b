"""Wires everything and decides nothing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog
from aiolimiter import AsyncLimiter
from faststream.kafka import KafkaBroker

from foundation import offsets, recovery
from foundation.caught_up import CaughtUpWatch, stored_in
from foundation.clock import Clock, SystemClock
from foundation.database import Database
from foundation.garbage import collect_seldom
from foundation.gauges import Gauges
from foundation.health import Health, database_answers, kafka_answers, keeping_up, reading, schema_is_expected
from foundation.kafka import Gap, publishing, rewind_to, subscribing_broker
from foundation.metrics import Metric, Metrics
from foundation.offsets import Partition
from foundation.relay import Relay
from foundation.serving import serving
from foundation.subscribers import Subscription
from foundation.ticks import Ticks
from outreach.config import Config
from outreach.guidance.in_force import InForce
from outreach.http.application import application
from outreach.http.asking import Asking
from outreach.http.links import Links
from outreach.http.operations import operations_router
from outreach.http.unsubscribe import PATH as UNSUBSCRIBE
from outreach.http.unsubscribe import Unsubscribe
from outreach.http.webhooks import Webhooks
from outreach.kafka.intake import TOPICS, Intake, group_of
from outreach.model.words import Channel
from outreach.planning.ingest import PREFERENCES_HEARD
from outreach.providers.connection import open_session
from outreach.providers.sendgrid.sending import SendGrid
from outreach.providers.sendgrid.signatures import SendGridSignatures
from outreach.providers.twilio.sending import Twilio
from outreach.providers.twilio.signatures import TwilioSignatures
from outreach.schedule import common_ticks, dispatch_ticks
from outreach.sending.compose import Compose, Routes
from outreach.sending.dispatch import Dispatch
from outreach.sending.send import Sender
from outreach.sending.volume import brake_volume
from outreach.store import operations
from schemas import topics

log = structlog.get_logger(__name__)

ROLES: Final = ("ingest", "dispatch", "relay", "http")

METRICS: Mapping[str, Metric] = {
    "config_invalid": Metric(kind="gauge", help="1 while the config files do not validate."),
    "copy_lag_seconds": Metric(kind="gauge", help="Age of the copy of people's preferences."),
}

_REPLICA_LIVES = timedelta(seconds=20)


@dataclass(slots=True)
class Process:
    """One running process: what its parts share."""

    config: Config
    database: Database
    clock: Clock
    metrics: Metrics
    health: Health
    ticks: Ticks
    in_force: InForce
    stop: asyncio.Event
    parts: asyncio.TaskGroup


async def run(config: Config, *, roles: Iterable[str] = ROLES) -> None:
    """Run these roles until SIGTERM or SIGINT, then let what is under way end.

    Raises:
        ConfigError: the config files do not validate.
        DatabaseUnavailable: the database cannot be reached at the start.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop_signal, stop.set)
    async with AsyncExitStack() as stack:
        process = await _open(config, stack, stop)
        for role in ROLES:
            if role in roles:
                await _PARTS[role](process, stack)
        process.ticks.start()
        stack.push_async_callback(process.ticks.stop)
        collect_seldom()
        log.info("running", roles=",".join(sorted(roles)))
        await stop.wait()
        log.info("stopping")


async def _open(config: Config, stack: AsyncExitStack, stop: asyncio.Event) -> Process:
    clock, metrics = SystemClock(), Metrics(prefix="outreach", declared=METRICS)
    url = config.database_url.get_secret_value()
    database = await stack.enter_async_context(Database.open(url, size=8, name="outreach"))
    in_force = InForce(folder=config.config_dir, database=database, clock=clock, metrics=metrics)
    await in_force.start()
    ticks, health = Ticks(metrics=metrics), Health()
    common_ticks(ticks, database=database, clock=clock, metrics=metrics, config=in_force.tick)

    health.add("database", database_answers(database))
    health.add("schema", schema_is_expected(database, package="outreach"))
    health.add_note("config", in_force.says_superseded)
    parts = await stack.enter_async_context(asyncio.TaskGroup())
    return Process(config, database, clock, metrics, health, ticks, in_force, stop, parts)


async def _ingest(process: Process, stack: AsyncExitStack) -> None:
    intake = Intake(
        database=process.database,
        clock=process.clock,
        playbook=lambda: process.in_force.guidance().playbook,
    )
    for topic in TOPICS:
        async with process.database.transaction() as connection:
            stored = await offsets.read(connection, group_of(topic))
        await rewind_to(
            process.config.kafka,
            group=group_of(topic),
            topic=topic,
            stored=stored,
            note=partial(_note_behind, process, group_of(topic)),
        )
    process.health.add("kafka", kafka_answers(process.config.kafka))
    broker = subscribing_broker(process.config.kafka, client_id="outreach-ingest")
    for subscription in intake.subscriptions():
        subscription.attach(broker)
        process.health.add(f"reading {subscription.topic}", reading(subscription, clock=process.clock))
        _watch(process, subscription)
    await stack.enter_async_context(_started(broker))


async def _note_behind(process: Process, group: str, gaps: Mapping[Partition, Gap]) -> None:
    """Have nothing sent while the database does not know what was read, and done, before."""
    async with process.database.transaction() as connection:
        await recovery.note(connection, group, gaps, now=process.clock.now())


@asynccontextmanager
async def _started(broker: KafkaBroker) -> AsyncIterator[None]:
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


def _watch(process: Process, subscription: Subscription) -> None:
    report = stored_in(process.database, group=subscription.group)
    watch = CaughtUpWatch(subscription, clock=process.clock, report=report)
    process.parts.create_task(watch.run(process.stop))
    process.health.add(f"keeping up with {subscription.topic}", keeping_up(watch, clock=process.clock))
    measure = partial(Gauges(metrics=process.metrics).measure_reading, watch)
    process.ticks.add(f"gauges of {subscription.topic}", measure, every=timedelta(seconds=10))


async def _dispatch(process: Process, stack: AsyncExitStack) -> None:
    config = process.config
    session = open_session()
    stack.push_async_callback(session.close)
    twilio = Twilio(
        session=session,
        account_sid=config.twilio.account_sid,
        auth_token=config.twilio.auth_token.get_secret_value(),
        timeout=config.twilio.timeout,
        base_url=config.twilio.base_url,
    )
    sendgrid = SendGrid(
        session=session,
        api_key=config.sendgrid.api_key.get_secret_value(),
        timeout=config.sendgrid.timeout,
        base_url=config.sendgrid.base_url,
    )
    limiters = {
        twilio.name: AsyncLimiter(config.twilio.sms_per_second, 1),
        sendgrid.name: AsyncLimiter(config.sendgrid.emails_per_second, 1),
    }
    sender = Sender(
        database=process.database,
        clock=process.clock,
        providers={twilio.name: twilio, sendgrid.name: sendgrid},
        limiters=limiters,
        playbook=lambda: process.in_force.guidance().playbook,
        dispatching=config.dispatching,
        workers=config.dispatch.workers,
    )
    dispatch = Dispatch(
        database=process.database,
        clock=process.clock,
        compose=compose_for(config),
        sender=sender,
        dispatching=config.dispatching,
        guidance=process.in_force.guidance,
        obstacle=_obstacle(process),
        workers=config.dispatch.workers,
    )
    sending = process.parts.create_task(dispatch.run(process.stop, tick=config.dispatch.tick))
    stack.push_async_callback(_end, sending, stop=process.stop)
    listening = process.parts.create_task(process.database.listen("touches", lambda _: dispatch.wake()))
    stack.callback(listening.cancel)
    dispatch_ticks(
        process.ticks,
        database=process.database,
        clock=process.clock,
        guidance=process.in_force.guidance,
        beat=_heartbeat(process, limiters, config),
        brake=partial(
            brake_volume,
            dispatch.begun,
            limits=config.volume,
            database=process.database,
            clock=process.clock,
        ),
    )


async def _end(work: asyncio.Task[None], *, stop: asyncio.Event) -> None:
    """Let calls under way end before their session is closed: whoever leaves closes it next."""
    stop.set()
    await asyncio.wait([work])


def compose_for(config: Config) -> Compose:
    """Return what writes messages for this deployment."""
    links = Links(config.http.link_secret.get_secret_value())
    return Compose(
        routes=Routes(
            providers={Channel.SMS: Twilio.name, Channel.EMAIL: SendGrid.name},
            sms_sender=config.twilio.messaging_service_sid,
            email_from=config.sendgrid.from_email,
            status_url=f"{config.http.public_url}/webhooks/twilio/status",
            unsubscribe_url=f"{config.http.public_url}{UNSUBSCRIBE}",
        ),
        sign=links.sign,
    )


def _heartbeat(process: Process, limiters: Mapping[str, AsyncLimiter], config: Config) -> Any:
    """Say that this replica is alive, and take its share of the fleet's limits."""
    replica = f"{os.uname().nodename}:{os.getpid()}"
    rates = {Twilio.name: config.twilio.sms_per_second, SendGrid.name: config.sendgrid.emails_per_second}

    async def beat() -> None:
        async with process.database.transaction() as connection:
            alive = await operations.beat(
                connection,
                replica=replica,
                role="dispatch",
                alive_for=_REPLICA_LIVES,
                now=process.clock.now(),
            )
        for name, limiter in limiters.items():
            limiter.max_rate = max(rates[name] / max(alive, 1), 1)

    return beat


def _obstacle(process: Process) -> Any:
    """Return why nothing may be sent now: a stale copy of preferences, or a clock that cannot be right."""
    limits = process.config.dispatch
    partitions = topics.TOPICS[topics.PEOPLE].partitions

    async def obstacle() -> str | None:
        now = process.clock.now()
        async with process.database.transaction() as connection:
            fresh_at = await offsets.caught_up_at(
                connection, group_of(topics.PEOPLE), topics.PEOPLE, partitions=partitions
            )
            heard_at = await offsets.caught_up_at(connection, *PREFERENCES_HEARD[:2], partitions=1)
            skew = await operations.measure_clock_skew(connection, now=now)
            behind = await recovery.why_behind(connection)
        if abs(skew) > limits.clock_skew_limit:
            return "clock differs from the database's"
        if behind is not None:
            return f"{behind}: see `outreach recover`"
        if fresh_at is None:
            return "the copy of preferences was never complete"
        if heard_at is None:
            return "preferences has not said how much it has heard"
        # A copy is as old as what preferences itself has heard, even if nothing of it is unread.
        fresh_at = min(fresh_at, heard_at)
        process.metrics.set("copy_lag_seconds", (now - fresh_at).total_seconds())
        return "the copy of preferences is old" if now - fresh_at > limits.copy_lag_limit else None

    process.health.add("may send", obstacle)
    return obstacle


async def _relay(process: Process, _stack: AsyncExitStack) -> None:
    process.health.add("kafka", kafka_answers(process.config.kafka))
    producer = partial(publishing, process.config.kafka, client_id="outreach-relay")
    relay = Relay(database=process.database, producer=producer)
    process.parts.create_task(relay.run(process.stop))
    measure = partial(Gauges(metrics=process.metrics).measure_relay, relay)
    process.ticks.add("gauges of the relay", measure, every=timedelta(seconds=10))


async def _http(process: Process, stack: AsyncExitStack) -> None:
    config = process.config
    links = Links(config.http.link_secret.get_secret_value())
    webhooks = Webhooks(
        database=process.database,
        clock=process.clock,
        playbook=lambda: process.in_force.guidance().playbook,
        twilio=TwilioSignatures(auth_token=config.twilio.auth_token.get_secret_value()),
        sendgrid=SendGridSignatures(public_key=config.sendgrid.webhook_public_key),
        public_url=config.http.public_url,
        confirmed_by_vendor=config.twilio.confirms == "vendor",
    )
    unsubscribe = Unsubscribe(links=links, database=process.database, clock=process.clock)
    asking = Asking(
        database=process.database,
        clock=process.clock,
        policy=lambda: process.in_force.guidance().policy,
    )
    app = application(
        [
            webhooks.router(),
            unsubscribe.router(),
            asking.router(),
            operations_router(health=process.health, metrics=process.metrics),
        ]
    )
    port = await stack.enter_async_context(serving(app, host=config.http.host, port=config.http.port))
    log.info("serving", port=port)


_PARTS: Mapping[str, Any] = {"ingest": _ingest, "dispatch": _dispatch, "relay": _relay, "http": _http}
