"""Wires the service and decides nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from foundation import inbox, quarantine
from foundation.access import Access
from foundation.clock import Clock
from foundation.database import Database
from foundation.health import knows_its_past, schema_is_expected
from foundation.metrics import Metric, Metrics
from foundation.pages.look import load_look
from foundation.process import Process, stop_at_signals
from foundation.starting import Start
from foundation.ticks import Ticks
from preferences.announcing.report import report_caught_up
from preferences.center.session import Sessions
from preferences.config import Config, PublicConfig
from preferences.http.answers import Answers
from preferences.http.api import api
from preferences.http.center import Center
from preferences.http.public import LIMITS, RateLimits, public_application
from preferences.http.visits import Visits
from preferences.kafka.intake import CONSUMED, intake_of
from preferences.kafka.past import USE, past_of
from preferences.ledger.name import name_everybody
from preferences.pages.render import Pages
from preferences.store import choices, light_checks
from schemas.links import LinkKey

#: Outreach sends nothing once it has not heard this for some ten seconds.
_REPORTS_EVERY: Final = timedelta(seconds=1)
#: Longer than Kafka keeps any record that may come again.
_EVENTS_ARE_REMEMBERED_FOR: Final = timedelta(days=60)
_DECISIONS_ARE_REMEMBERED_FOR: Final = timedelta(days=365)
#: Longer than they can be taken back.
_CHOICES_ARE_SHOWN_FOR: Final = timedelta(days=2)
_WRONG_ANSWERS_COUNT_FOR: Final = timedelta(days=30)


METRICS: Mapping[str, Metric] = {
    "choices_total": Metric(
        kind="counter", help="What people chose on their pages, and took back (undo).", labels=("action",)
    ),
    "light_checks_total": Metric(
        kind="counter", help="Answers to the light check: passed, wrong, closed.", labels=("outcome",)
    ),
    "light_checks_locked": Metric(
        kind="gauge", help="People whose light check is locked after too many wrong answers."
    ),
}


async def run(config: Config, *, clock: Clock) -> None:
    """Run the service until SIGTERM or SIGINT, then finish the batch in hand, publish, and leave.

    A database that is away, or takes no writes, is waited for.

    Raises:
        DatabaseUnavailable: the database cannot be used as its URL says, or its tables are another release's.
        ExceptionGroup: it cannot start, or a part of it failed.
    """
    stop = stop_at_signals()
    metrics = Metrics(prefix="preferences", declared=METRICS)
    url = config.database_url.get_secret_value()
    start = Start(url, name="preferences", stop=stop, internal=config.internal, metrics=metrics)
    await start.run(partial(_run, config, clock=clock, metrics=metrics, stop=stop))


async def _run(config: Config, *, clock: Clock, metrics: Metrics, stop: asyncio.Event) -> None:
    url = config.database_url.get_secret_value()
    async with (
        Database.open(url, size=config.connections, name="preferences") as database,
        Process.open(
            database=database, kafka=config.kafka, clock=clock, metrics=metrics, stop=stop
        ) as process,
    ):
        process.health.add("schema", schema_is_expected(database, package="preferences"))
        if config.public is not None:
            secrets = (config.public.link_key, *config.public.other_link_keys)
            keys = [LinkKey(secret.get_secret_value()) for secret in secrets]
            await name_everybody([key.names_key for key in keys], database=database)
            pages = Database.open(url, size=config.public.connections, name="preferences pages")
            await _serve_center(
                process, config.public, keys=keys, database=await process.stack.enter_async_context(pages)
            )
        intake = intake_of(database=database, clock=clock, insist=process.checked.insist)
        subscriptions = intake.subscriptions()
        process.watch(subscriptions)
        application = api(database=database, clock=clock, access=Access(database=database, clock=clock))
        await process.serve_internally(config.internal, application=application)
        # Ended in the reverse order: first nothing more is read, then what was done is published.
        past = past_of(database=database, kafka=config.kafka, clock=clock)
        await process.is_allowed(USE)
        process.publish(client_id="preferences", past=past)
        process.health.add("may tell", knows_its_past(database, command="preferences"))
        await process.read_after(past, subscriptions, client_id="preferences")
        _add_ticks(process.ticks, database=database, clock=clock, metrics=metrics)
        await process.run()


async def _serve_center(
    process: Process, public: PublicConfig, *, keys: Sequence[LinkKey], database: Database
) -> None:
    """Serve the pages, on connections of their own."""
    center = center_of(public, keys=keys, database=database, clock=process.checked, metrics=process.metrics)
    limits = RateLimits(per_address=public.per_address, per_link=public.per_link)
    application = public_application(center, limits=limits, health=process.health)
    await process.serve(
        application, host=public.host, port=public.port, setting="PUBLIC__PORT", limits=LIMITS
    )


def center_of(
    public: PublicConfig, *, keys: Sequence[LinkKey], database: Database, clock: Clock, metrics: Metrics
) -> Center:
    """Return the preference center as it is configured, for links of these keys."""
    pages = Pages(load_look(public.dress))
    sessions = Sessions(public.link_key.get_secret_value())
    is_private = public.url.startswith("https://")
    return Center(
        database=database,
        clock=clock,
        visits=Visits(
            keys=keys,
            sessions=sessions,
            languages=pages.languages,
            has_checks=public.check_key is not None,
            is_private=is_private,
        ),
        answers=Answers(pages=pages, sessions=sessions, is_private=is_private),
        check_key=public.check_key.get_secret_value() if public.check_key is not None else "",
        metrics=metrics,
    )


def _add_ticks(ticks: Ticks, *, database: Database, clock: Clock, metrics: Metrics) -> None:
    async def report() -> None:
        await report_caught_up(CONSUMED, database=database, clock=clock)

    async def forget() -> None:
        now = clock.now()
        async with database.transaction() as connection:
            await inbox.delete_heard(connection, before=now - _EVENTS_ARE_REMEMBERED_FOR)
            await quarantine.delete_closed(connection, before=now - _DECISIONS_ARE_REMEMBERED_FOR)
            await choices.delete_choices(connection, before=now - _CHOICES_ARE_SHOWN_FOR)
            await light_checks.delete_counts(connection, before=now - _WRONG_ANSWERS_COUNT_FOR)

    async def measure_locked() -> None:
        async with database.reading() as connection:
            locked = await light_checks.count_locked(connection, now=clock.now())
        metrics.set("light_checks_locked", locked)

    ticks.add("report", report, every=_REPORTS_EVERY)
    ticks.add("locked light checks", measure_locked, every=timedelta(seconds=15))
    ticks.add("forget", forget, every=timedelta(hours=1), jitter=timedelta(minutes=5))
