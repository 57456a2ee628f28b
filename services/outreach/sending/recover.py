"""Recover: of what a worker that died left, the never called is free again, the called is unknown."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import touches as announce
from outreach.model.attempt import Settlement
from outreach.model.playbook import Playbook
from outreach.model.touch import TouchStatus
from outreach.model.words import ContactOutcome, ScheduleReason
from outreach.planning.follow_up import plan_next
from outreach.store import attempts, ledger, people, touches

log = structlog.get_logger(__name__)

#: An unknown fate that no receipt has settled by then is reported.
UNKNOWN_FOR = timedelta(days=1)


async def recover(*, database: Database, clock: Clock, playbook: Playbook, limit: int = 500) -> int:
    """Settle attempts whose lease is over; return how many there were.

    Called again it finds nothing; a worker that comes back late finds its attempts settled.
    """
    now = clock.now()
    async with database.transaction() as connection:
        suspects = await attempts.list_lapsed(connection, now=now, limit=limit)
        if not suspects:
            return 0
        await people.lock_people(connection, {suspect.person_id for suspect in suspects})
        # Read again under the locks: the worker may have settled them in the meantime.
        lapsed = await attempts.read_unsettled(connection, [suspect.attempt_id for suspect in suspects])
        called = [attempt.attempt_id for attempt in lapsed if attempt.was_called]
        uncalled = [attempt.attempt_id for attempt in lapsed if not attempt.was_called]
        await _settle(connection, called=called, uncalled=uncalled, now=now)
        returned = await touches.return_touches(
            connection, dict.fromkeys(uncalled, (now, ScheduleReason.LEASE_OVER)), now=now
        )
        moved = await touches.advance_touches(
            connection, dict.fromkeys(called, (TouchStatus.UNKNOWN, ScheduleReason.LEASE_OVER)), now=now
        )
        news = [
            announce.attempted(progress, code=ScheduleReason.LEASE_OVER, segments=None, now=now)
            for progress in moved
        ]
        await outbox.append(connection, news, source=announce.SOURCE)
        await plan_next(connection, moved, returned=returned, playbook=playbook, now=now)
    log.warning("recovered", unknown=len(called), freed=len(uncalled))
    return len(lapsed)


async def _settle(
    connection: Connection, *, called: Sequence[UUID], uncalled: Sequence[UUID], now: datetime
) -> None:
    """Write at the attempts and in the ledger: what was called may have left, what was not did not."""
    unknown = dict.fromkeys(called, Settlement("unknown", code=ScheduleReason.LEASE_OVER))
    not_sent = dict.fromkeys(uncalled, Settlement("not_sent", code=ScheduleReason.LEASE_OVER))
    await attempts.settle_attempts(connection, {**unknown, **not_sent}, now=now)
    await ledger.settle_contacts(
        connection,
        {
            **dict.fromkeys(called, (ContactOutcome.UNKNOWN, None)),
            **dict.fromkeys(uncalled, (ContactOutcome.NOT_SENT, None)),
        },
    )


async def report_unknown(*, database: Database, clock: Clock) -> int:
    """Count sends of unknown fate that are older than a day and that no receipt settled."""
    async with database.transaction() as connection:
        stale = await attempts.count_stale_unknown(connection, before=clock.now() - UNKNOWN_FOR)
    if stale:
        log.error("sends of unknown fate", count=stale, older_than=str(UNKNOWN_FOR))
    return stale
