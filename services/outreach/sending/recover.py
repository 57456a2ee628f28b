"""Recover: of what a worker that died left, the never called is free again, the called is unknown."""

from datetime import timedelta

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Database
from outreach.announcing import touches as announce
from outreach.model.playbook import Playbook
from outreach.model.touch import TouchStatus
from outreach.model.words import ContactOutcome
from outreach.planning.follow_up import plan_next
from outreach.store import attempts, ledger, people, touches
from outreach.store.attempts import Settlement

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
        await attempts.settle_attempts(
            connection,
            {
                **{attempt_id: Settlement("unknown", code="lease_over") for attempt_id in called},
                **{attempt_id: Settlement("not_sent", code="lease_over") for attempt_id in uncalled},
            },
            now=now,
        )
        await ledger.settle_contacts(
            connection,
            {
                **dict.fromkeys(called, (ContactOutcome.UNKNOWN, None)),
                **dict.fromkeys(uncalled, (ContactOutcome.NOT_SENT, None)),
            },
        )
        returned = await touches.return_touches(
            connection, dict.fromkeys(uncalled, (now, "lease_over")), now=now
        )
        moved = await touches.advance_touches(
            connection, dict.fromkeys(called, (TouchStatus.UNKNOWN, "lease_over")), now=now
        )
        news = [announce.attempted(progress, code="lease_over", segments=None, now=now) for progress in moved]
        await outbox.append(connection, news, source=announce.SOURCE)
        await plan_next(connection, moved, returned=returned, playbook=playbook, now=now)
    log.warning("recovered", unknown=len(called), freed=len(uncalled))
    return len(lapsed)


async def report_unknown(*, database: Database, clock: Clock) -> int:
    """Count sends of unknown fate that are older than a day and that no receipt settled."""
    async with database.transaction() as connection:
        stale = await attempts.count_stale_unknown(connection, before=clock.now() - UNKNOWN_FOR)
    if stale:
        log.error("sends of unknown fate", count=stale, older_than=str(UNKNOWN_FOR))
    return stale
