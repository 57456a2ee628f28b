"""Wires the service and decides nothing."""

from datetime import timedelta
from typing import Final

from foundation import inbox, quarantine
from foundation.access import Access
from foundation.clock import Clock
from foundation.database import Database
from foundation.health import knows_its_past, schema_is_expected
from foundation.metrics import Metrics
from foundation.process import Process, stop_at_signals
from foundation.starting import comes_to_take_writes
from foundation.ticks import Ticks
from preferences.announcing.report import report_caught_up
from preferences.config import Config
from preferences.http.api import api
from preferences.kafka.intake import CONSUMED, intake_of
from preferences.kafka.past import past_of

#: Outreach sends nothing once it has not heard this for some ten seconds.
_REPORTS_EVERY: Final = timedelta(seconds=1)
#: Longer than Kafka keeps any record that may come again.
_EVENTS_ARE_REMEMBERED_FOR: Final = timedelta(days=60)
_DECISIONS_ARE_REMEMBERED_FOR: Final = timedelta(days=365)


async def run(config: Config, *, clock: Clock) -> None:
    """Run the service until SIGTERM or SIGINT, then finish the batch in hand, publish, and leave.

    A database that answers and takes no writes is waited for.

    Raises:
        DatabaseUnavailable: the database cannot be reached at the start.
        ExceptionGroup: it cannot start, or a part of it failed.
    """
    stop = stop_at_signals()
    metrics = Metrics(prefix="preferences")
    url = config.database_url.get_secret_value()
    if not await comes_to_take_writes(
        url, name="preferences", stop=stop, internal=config.internal, metrics=metrics
    ):
        return
    async with (
        Database.open(url, size=config.connections, name="preferences") as database,
        Process.open(
            database=database, kafka=config.kafka, clock=clock, metrics=metrics, stop=stop
        ) as process,
    ):
        process.health.add("schema", schema_is_expected(database, package="preferences"))
        intake = intake_of(database=database, clock=clock, insist=process.checked.insist)
        subscriptions = intake.subscriptions()
        process.watch(subscriptions)
        application = api(database=database, clock=clock, access=Access(database=database, clock=clock))
        await process.serve_internally(config.internal, application=application)
        # Ended in the reverse order: first nothing more is read, then what was done is published.
        past = past_of(database=database, kafka=config.kafka, clock=clock)
        process.publish(client_id="preferences", past=past)
        process.health.add("may tell", knows_its_past(database, command="preferences"))
        await process.read_after(past, subscriptions, client_id="preferences")
        _add_ticks(process.ticks, database=database, clock=clock)
        await process.run()


def _add_ticks(ticks: Ticks, *, database: Database, clock: Clock) -> None:
    async def report() -> None:
        await report_caught_up(CONSUMED, database=database, clock=clock)

    async def forget() -> None:
        now = clock.now()
        async with database.transaction() as connection:
            await inbox.delete_heard(connection, before=now - _EVENTS_ARE_REMEMBERED_FOR)
            await quarantine.delete_closed(connection, before=now - _DECISIONS_ARE_REMEMBERED_FOR)

    ticks.add("report", report, every=_REPORTS_EVERY)
    ticks.add("forget", forget, every=timedelta(hours=1), jitter=timedelta(minutes=5))
