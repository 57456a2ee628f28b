"""How many people wait for a human, and for how long: as gauges, and as a page to whoever is on duty."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from foundation.clock import Clock
from foundation.database import Database
from foundation.metrics import Metrics
from outreach.providers.pagers import Page, Pager
from outreach.store import hand_offs
from outreach.understanding.kinds import Urgency

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 20
#: Longer than a pager takes; whoever died while paging is followed by somebody else after it.
_PAGING: Final = timedelta(minutes=1)


async def measure_backlog(*, metrics: Metrics, database: Database, clock: Clock) -> None:
    """Set what waits by urgency, and the age of the oldest: the same for all replicas."""
    async with database.transaction() as connection:
        counted = await hand_offs.count_waiting(connection)
    for urgency in Urgency:
        backlog = counted.get(urgency)
        age = (clock.now() - backlog.oldest).total_seconds() if backlog is not None else 0
        metrics.set("replies_waiting", backlog.waiting if backlog is not None else 0, urgency=urgency)
        metrics.set("replies_waiting_oldest_seconds", max(age, 0), urgency=urgency)


async def page_duty(pagers: Sequence[Pager], *, database: Database, clock: Clock) -> int:
    """Tell whoever is on duty of each crisis, once; return of how many they were told.

    What no pager takes is tried again a minute later, and so is what a replica died over: it may be told
    twice, and is never told to nobody.
    """
    if not pagers:
        return 0
    now, told = clock.now(), []
    async with database.transaction() as connection:
        claimed = await hand_offs.claim_pages(connection, now=now, until=now + _PAGING, limit=_AT_ONCE)
    for crisis in claimed:
        page = Page(
            reply_id=crisis.reply_id,
            person_id=crisis.person_id,
            since=crisis.since,
            answer_by=crisis.answer_by,
        )
        taken = [await pager.page(page) for pager in pagers]
        if any(taken):
            told.append(crisis.reply_id)
        else:
            log.error("nobody on duty could be told of a crisis", reply_id=crisis.reply_id)
    if told:
        async with database.transaction() as connection:
            await hand_offs.note_paged(connection, told, now=now)
    return len(told)
