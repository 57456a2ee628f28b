"""Wires everything and decides nothing."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from aiohttp import ClientSession
from fastapi import FastAPI

from foundation.access import Access
from foundation.clock import Clock, SystemClock
from foundation.database import Database
from foundation.health import schema_is_expected
from foundation.metrics import Metric, Metrics
from foundation.own_past import OwnPast
from foundation.pages.look import load_look
from foundation.process import Process, stop_at_signals
from foundation.settings import BadSettings
from foundation.starting import Start
from outreach.config import Config, SendGridConfig
from outreach.guidance.in_force import InForce
from outreach.http.application import internal_application, public_application
from outreach.http.asking import Asking
from outreach.http.inbound_mail import LIMITS as MAIL_LIMITS
from outreach.http.inbound_mail import PATH as MAIL_PATH
from outreach.http.inbound_mail import InboundMail
from outreach.http.links import Links, ReplyAddresses
from outreach.http.unsubscribe import PATH as UNSUBSCRIBE
from outreach.http.unsubscribe import Unsubscribe, choices_behind
from outreach.http.webhooks import Webhooks
from outreach.kafka.intake import intake_of
from outreach.kafka.past import USE, past_of
from outreach.listening.backlog import measure_backlog, page_duty
from outreach.listening.mail import ArrivedMail, hear_mail
from outreach.model.words import Channel
from outreach.planning.inputs import INPUTS
from outreach.providers.connection import open_session
from outreach.providers.pagers import Pager, PhonePager, WebhookPager
from outreach.providers.provider import Provider
from outreach.providers.sendgrid.access import InboundAccess
from outreach.providers.sendgrid.sending import SendGrid
from outreach.providers.sendgrid.signatures import SendGridSignatures
from outreach.providers.twilio.sending import Twilio
from outreach.providers.twilio.signatures import TwilioSignatures
from outreach.schedule import common_ticks, dispatch_ticks, listening_ticks
from outreach.sending.assembly import assemble
from outreach.sending.compose import CenterLinks, Compose, Routes
from outreach.sending.fleet import FleetMember
from outreach.sending.obstacles import Obstacles
from outreach.sending.resting import measure_resting
from outreach.sending.volume import brake_volume
from outreach.store import digests
from schemas.links import LinkKey

log = structlog.get_logger(__name__)

ROLES: Final = ("ingest", "dispatch", "relay", "http")

#: Without what Kafka has to allow, these do nothing; the others go on, for a stop must be heard.
_OF_KAFKA: Final = frozenset({"ingest", "relay"})

_MEASURES_INPUTS_EVERY: Final = timedelta(seconds=5)

METRICS: Mapping[str, Metric] = {
    "config_invalid": Metric(kind="gauge", help="1 while the config files do not validate."),
    "input_lag_seconds": Metric(
        kind="gauge",
        help="How long ago all of a topic was last known to be handled; infinite where it never was.",
        labels=("topic", "reader"),
    ),
    "input_lag_limit_seconds": Metric(kind="gauge", help="Beyond which age of any input nothing is sent."),
    "sending_waits": Metric(kind="gauge", help="1 while something stands in the way of every message."),
    "provider_resting": Metric(
        kind="gauge",
        help="1 from when a provider is given a rest until a call to it works again.",
        labels=("provider",),
    ),
    "replies_waiting": Metric(kind="gauge", help="Replies that wait for a human.", labels=("urgency",)),
    "replies_waiting_oldest_seconds": Metric(
        kind="gauge", help="For how long the oldest of them has waited.", labels=("urgency",)
    ),
    "webhooks_passed_by_total": Metric(
        kind="counter", help="Signed webhooks that could not be read.", labels=("provider", "reason")
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """What the roles of one process share."""

    config: Config
    process: Process
    in_force: InForce
    past: OwnPast
    obstacles: Obstacles


async def run(config: Config, *, roles: Collection[str] = ROLES) -> None:
    """Run these roles until SIGTERM or SIGINT, then end what is under way and publish what is left.

    A database that is away, or takes no writes, is waited for.

    Raises:
        ConfigError: the config files do not validate.
        DatabaseUnavailable: the database cannot be used as its URL says, or its tables are another release's.
        ExceptionGroup: a role cannot start, or a part of one failed.
    """
    stop = stop_at_signals()
    metrics = Metrics(prefix="outreach", declared=METRICS)
    url = config.database_url.get_secret_value()
    start = Start(url, name="outreach", stop=stop, internal=config.internal, metrics=metrics)
    await start.run(partial(_run, config, roles=roles, metrics=metrics, stop=stop))


async def _run(config: Config, *, roles: Collection[str], metrics: Metrics, stop: asyncio.Event) -> None:
    clock = SystemClock()
    async with Database.open(config.database_url.get_secret_value(), size=8, name="outreach") as database:
        in_force = InForce(folder=config.config_dir, database=database, clock=clock, metrics=metrics)
        await in_force.start()
        async with Process.open(
            database=database,
            kafka=config.kafka,
            clock=clock,
            metrics=metrics,
            stop=stop,
            clock_skew_limit=config.dispatch.clock_skew_limit,
        ) as process:
            process.health.add("schema", schema_is_expected(database, package="outreach"))
            process.health.add_note("config", in_force.says_superseded)
            await _digest_addresses(database, config)
            past = past_of(
                database=database,
                kafka=config.kafka,
                clock=clock,
                playbook=lambda: in_force.guidance().playbook,
            )
            process.begin(past.compare_soon, may_end=True)
            obstacles = Obstacles(
                clock=clock,
                metrics=metrics,
                inputs=INPUTS,
                limits=config.dispatch.obstacle_limits,
                compared=lambda: past.is_compared,
            )
            # Told by every process: of those that send none may be listening to whoever asks.
            process.health.add_note("may send", obstacles.check(database))
            process.ticks.add("inputs", obstacles.check(database), every=_MEASURES_INPUTS_EVERY)
            replica = Replica(
                config=config, process=process, in_force=in_force, past=past, obstacles=obstacles
            )
            if _OF_KAFKA & set(roles):
                await process.is_allowed(USE)
            for role, begin in _BEGIN.items():
                if role in roles:
                    await begin(replica)
            if {"dispatch", "http"} & set(roles):
                listening_ticks(
                    process.ticks, database=database, clock=process.checked, guidance=in_force.guidance
                )
            asking = _asking(replica) if "http" in roles else None
            await process.serve_internally(config.internal, application=asking)
            common_ticks(process.ticks, database=database, clock=clock, config=in_force.tick)
            await process.run(roles=",".join(sorted(roles)))


async def _digest_addresses(database: Database, config: Config) -> None:
    """Have addresses told by the digests that follow from the configuration, which outlives a database."""
    secret = config.http.digest_secret or config.http.link_secret
    key = digests.key_from(secret.get_secret_value())
    async with database.transaction() as connection:
        try:
            is_another = await digests.use_key(connection, key)
        except digests.KeyStillNeeded:
            why = "stops are kept by digests that follow from another secret"
            line = f"OUTREACH_HTTP__DIGEST_SECRET: {why}; set it to the link secret of before"
            raise BadSettings([line]) from None
        if is_another:
            log.warning(
                "digests follow from another secret: what was told by those of the old one is not recognized;"
                " set OUTREACH_HTTP__DIGEST_SECRET to the old one"
            )
    digested = 1
    while digested:
        async with database.transaction() as connection:
            digested = await digests.digest_missing(connection)


async def _relay(replica: Replica) -> None:
    replica.process.publish(client_id="outreach-relay", past=replica.past)


async def _ingest(replica: Replica) -> None:
    process = replica.process
    intake = intake_of(
        database=process.database,
        clock=process.clock,
        playbook=lambda: replica.in_force.guidance().playbook,
        insist=process.checked.insist,
    )
    subscriptions = intake.subscriptions()
    process.watch(subscriptions)
    await process.read_after(replica.past, subscriptions, client_id="outreach-ingest")


async def _dispatch(replica: Replica) -> None:
    config, process = replica.config, replica.process
    session = open_session()
    process.stack.push_async_callback(session.close)
    fleet = FleetMember(
        replica=f"{os.uname().nodename}:{os.getpid()}",
        rates={Twilio.name: config.twilio.sms_per_second, SendGrid.name: config.sendgrid.emails_per_second},
        database=process.database,
        clock=process.clock,
    )
    # Whoever sends is not ready while it must not.
    process.health.add("may send", replica.obstacles.check(process.database))
    dispatch = assemble(
        database=process.database,
        clock=process.clock,
        guidance=replica.in_force.guidance,
        compose=_compose(config),
        providers=_providers(config, session),
        paces=fleet.paces,
        dispatching=config.dispatching,
        find_obstacle=replica.obstacles.find,
    ).dispatch
    process.begin(partial(dispatch.run, tick=config.dispatch.tick))
    process.begin(dispatch.pulse.watch)
    process.follow("touches", lambda _: dispatch.wake())
    dispatch_ticks(
        process.ticks,
        database=process.database,
        clock=process.clock,
        guidance=replica.in_force.guidance,
        beat=fleet.beat,
        may_send=replica.obstacles.check(process.database),
        brake=partial(
            brake_volume,
            dispatch.begun,
            limits=config.dispatch.volume_limits,
            database=process.database,
            clock=process.clock,
        ),
        page=partial(
            page_duty,
            _pagers(config, session) if not config.dispatch.dry_run else (),
            database=process.database,
            clock=process.clock,
        ),
        measure=partial(
            measure_backlog, metrics=process.metrics, database=process.database, clock=process.clock
        ),
        look_at_rests=partial(
            measure_resting,
            (Twilio.name, SendGrid.name),
            metrics=process.metrics,
            database=process.database,
        ),
    )


def _pagers(config: Config, session: ClientSession) -> tuple[Pager, ...]:
    """Return how whoever is on duty is told of a crisis: in no way, unless it is configured."""
    pagers: list[Pager] = []
    if config.duty.phone is not None:
        texts, _ = _providers(config, session)
        pagers.append(
            PhonePager(
                texts,
                phone=config.duty.phone,
                sender=config.twilio.messaging_service_sid,
                status_url=f"{config.http.public_url}/webhooks/twilio/status",
            )
        )
    if config.duty.webhook is not None:
        pagers.append(WebhookPager(session, url=config.duty.webhook.get_secret_value()))
    return tuple(pagers)


def _providers(config: Config, session: ClientSession) -> tuple[Provider, ...]:
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
    return twilio, sendgrid


def _link_secrets(config: Config) -> Iterator[str]:
    """Yield what signs links and addresses for answers, then what those sent before were signed with."""
    for secret in (config.http.link_secret, *config.http.other_link_secrets):
        yield secret.get_secret_value()


def _compose(config: Config) -> Compose:
    links = Links(*_link_secrets(config))
    return Compose(
        routes=Routes(
            providers={Channel.SMS: Twilio.name, Channel.EMAIL: SendGrid.name},
            sms_sender=config.twilio.messaging_service_sid,
            email_from=config.sendgrid.from_email,
            status_url=f"{config.http.public_url}/webhooks/twilio/status",
            unsubscribe_url=f"{config.http.public_url}{UNSUBSCRIBE}",
        ),
        sign=links.sign,
        reply_address=None if (addresses := _reply_addresses(config)) is None else addresses.of,
        center=_center_links(config),
    )


def _center_links(config: Config) -> CenterLinks | None:
    center = config.center
    if center is None:
        return None
    key = LinkKey(center.link_key.get_secret_value())
    return CenterLinks(url=center.url, key=key, last=timedelta(days=center.links_last))


def _reply_addresses(config: Config) -> ReplyAddresses | None:
    domain = config.sendgrid.reply_domain
    return None if domain is None else ReplyAddresses(*_link_secrets(config), domain=domain)


def _inbound_mail(replica: Replica) -> InboundMail:
    config, process = replica.config.sendgrid, replica.process

    async def hear(mail: ArrivedMail) -> None:
        await hear_mail(
            mail,
            database=process.database,
            clock=process.checked,
            playbook=replica.in_force.guidance().playbook,
        )

    return InboundMail(
        hear=hear,
        secret=config.inbound_secret.get_secret_value() if config.inbound_secret is not None else "",
        signatures=(
            None
            if config.inbound_public_key is None
            else SendGridSignatures(public_key=config.inbound_public_key)
        ),
        access=_inbound_access(config),
        addresses=_reply_addresses(replica.config),
        clock=process.checked,
        metrics=process.metrics,
    )


def _inbound_access(config: SendGridConfig) -> InboundAccess | None:
    client_id, secret = config.inbound_client_id, config.inbound_client_secret
    if client_id is None or secret is None:
        return None
    return InboundAccess(client_id=client_id, client_secret=secret.get_secret_value())


async def _http(replica: Replica) -> None:
    config, process = replica.config, replica.process
    webhooks = Webhooks(
        database=process.database,
        clock=process.checked,
        playbook=lambda: replica.in_force.guidance().playbook,
        twilio=TwilioSignatures(auth_token=config.twilio.auth_token.get_secret_value()),
        sendgrid=SendGridSignatures(public_key=config.sendgrid.webhook_public_key),
        public_url=config.http.public_url,
        confirmed_by_vendor=config.twilio.confirms == "vendor",
        metrics=process.metrics,
    )
    unsubscribe = unsubscribe_of(config, database=process.database, clock=process.checked)
    public = public_application(
        [webhooks.router(), _inbound_mail(replica).router(), unsubscribe.router()], health=process.health
    )
    await process.serve(public, host=config.http.host, port=config.http.port, at={MAIL_PATH: MAIL_LIMITS})


def unsubscribe_of(config: Config, *, database: Database, clock: Clock) -> Unsubscribe:
    """Return the page behind the unsubscribe links as it is configured."""
    center = _center_links(config)
    return Unsubscribe(
        links=Links(*_link_secrets(config)),
        database=database,
        clock=clock,
        look=load_look(config.http.dress),
        choices=None if center is None else choices_behind(center, clock=clock),
    )


def _asking(replica: Replica) -> FastAPI:
    """Return what other systems ask, for the internal listener alone."""
    process = replica.process
    asking = Asking(
        database=process.database,
        clock=process.checked,
        policy=lambda: replica.in_force.guidance().policy,
        access=Access(database=process.database, clock=process.clock),
        find_obstacle=replica.obstacles.find,
    )
    return internal_application([asking.router()])


#: In the order of their beginning. The relay comes first, so that it ends last: what the others write when
#: they end is published before the process leaves.
_BEGIN: Final[Mapping[str, Callable[[Replica], Awaitable[None]]]] = {
    "relay": _relay,
    "ingest": _ingest,
    "dispatch": _dispatch,
    "http": _http,
}
