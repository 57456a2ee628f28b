"""The volume brake: a play whose hour leaps over its own past is paused until a human has looked.

What leaps is seldom what anybody wants: a creditor's system that publishes all its debts a second time under
new ids, or a play that was meant for one portfolio.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from foundation.clock import Clock
from foundation.database import Database
from outreach.model.playbook import ANSWERS
from outreach.store import volumes

#: Who paused, as `outreach pauses` shows it.
BRAKE = "volume brake"

_PAST = timedelta(days=7)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeLimits:
    """A play may begin `least` messages an hour, or `factor` times those of its busiest hour of a week."""

    least: int = 1000
    factor: float = 4


async def brake_volume(
    begun: Counter[str], *, limits: VolumeLimits, database: Database, clock: Clock
) -> Sequence[str]:
    """Note what this replica began since the last time, by play; pause the plays that leapt, and return them.

    Answers to people are never counted. `begun` is emptied once it is noted; what a replica had not noted
    when it died is not counted.
    """
    now = clock.now()
    counted = {play: number for play, number in begun.items() if number and play != ANSWERS}
    async with database.transaction() as connection:
        await volumes.count_messages(connection, counted, now=now)
        paused = await volumes.pause_leaping_plays(
            connection, least=limits.least, factor=limits.factor, past=_PAST, by=BRAKE, now=now
        )
        await volumes.forget_volumes(connection, before=now - _PAST - timedelta(days=1))
    begun.subtract(counted)
    for play in paused:
        log.error("volume brake: a play leapt over its past and is paused until `outreach resume`", play=play)
    return paused
