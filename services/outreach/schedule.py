"""The ticks of a running process. The database is the schedule; these only look at it."""

from collections.abc import Callable
from datetime import timedelta

from foundation import inbox
from foundation.clock import Clock
from foundation.database import Database
from foundation.health import Check
from foundation.ticks import Tick, Ticks
from outreach.guidance.guidance import Guidance
from outreach.listening.replies import bind_waiting
from outreach.listening.unsubscribe import bind_waiting_unsubscribes
from outreach.planning.ask_publishers import ask_what_is_due
from outreach.planning.erase_deferred import erase_deferred
from outreach.sending.recover import recover, report_unknown
from outreach.store import decisions, replies

#: Redelivery never reaches back this far: Kafka keeps a month.
_INBOX_KEPT = timedelta(days=60)
_WEBHOOKS_KEPT = timedelta(days=14)
#: 12 CFR 1006.100: three years after the last activity.
_DECISIONS_KEPT = timedelta(days=3 * 366)


def dispatch_ticks(
    ticks: Ticks,
    *,
    database: Database,
    clock: Clock,
    guidance: Callable[[], Guidance],
    beat: Tick,
    brake: Tick,
    may_send: Check,
    page: Tick,
    measure: Tick,
    look_at_rests: Tick,
) -> None:
    """Add what a dispatching process does again and again beside sending."""

    async def free_what_died() -> object:
        return await recover(database=database, clock=clock, playbook=guidance().playbook)

    async def report() -> object:
        return await report_unknown(database=database, clock=clock)

    async def ask() -> object:
        # What is yet to be read may answer it.
        if await may_send() is not None:
            return 0
        return await ask_what_is_due(database=database, clock=clock, creditors=guidance().playbook.creditors)

    ticks.add("recover", free_what_died, every=timedelta(seconds=15))
    ticks.add("ask publishers", ask, every=timedelta(minutes=5))

    async def erase() -> object:
        # What is yet to be read may forbid it.
        if await may_send() is not None:
            return 0
        return await erase_deferred(database=database, clock=clock)

    ticks.add("erase what waited", erase, every=timedelta(minutes=1))
    ticks.add("report_unknown", report, every=timedelta(hours=1))
    ticks.add("volume brake", brake, every=timedelta(minutes=1))
    ticks.add("duty page", page, every=timedelta(seconds=5))
    ticks.add("people who wait", measure, every=timedelta(seconds=15))
    ticks.add("providers that rest", look_at_rests, every=timedelta(seconds=15))
    ticks.add("heartbeat", beat, every=timedelta(seconds=5))


def listening_ticks(
    ticks: Ticks, *, database: Database, clock: Clock, guidance: Callable[[], Guidance]
) -> None:
    """Add what every process does that sends or listens: bind what was heard while its person was held."""

    async def bind_replies() -> object:
        return await bind_waiting(database=database, clock=clock, playbook=guidance().playbook)

    async def bind_unsubscribes() -> object:
        return await bind_waiting_unsubscribes(database=database, clock=clock)

    ticks.add("bind_replies", bind_replies, every=timedelta(seconds=2))
    ticks.add("bind_unsubscribes", bind_unsubscribes, every=timedelta(seconds=2))


def common_ticks(ticks: Ticks, *, database: Database, clock: Clock, config: Tick) -> None:
    """Add what every process does: follow the config, and forget what is old."""

    async def forget() -> None:
        now = clock.now()
        async with database.transaction() as connection:
            await inbox.delete_heard(connection, before=now - _INBOX_KEPT)
            await replies.forget_webhook_events(connection, before=now - _WEBHOOKS_KEPT)
            await decisions.forget_decisions(connection, before=now - _DECISIONS_KEPT)

    ticks.add("config", config, every=timedelta(seconds=5), jitter=timedelta(seconds=1))
    ticks.add("retention", forget, every=timedelta(hours=6), jitter=timedelta(minutes=30))
