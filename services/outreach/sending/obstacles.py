"""What stands in the way of every message: what is not known here, or a clock that cannot be right.

Not known is what a database behind Kafka has yet to read, and what an old copy of preferences lacks.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from foundation import offsets, recovery
from foundation.clock import Clock
from foundation.database import Database
from foundation.metrics import Metrics
from foundation.offsets import ConsumedTopic
from outreach.planning.ingest import PREFERENCES_HEARD
from outreach.store import operations

#: Says in a few words why nothing may be sent now, or None.
FindObstacle: TypeAlias = Callable[[], Awaitable[str | None]]


async def no_obstacle() -> None:
    """Find nothing in the way: for whoever keeps no copy of preferences that could be old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleLimits:
    """How old the copy of preferences may be, and how far our clock may be from the database's."""

    copy_lag: timedelta = timedelta(minutes=2)
    clock_skew: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How our clock and our copy of preferences stand at an instant.

    `copied_until` is until when we have read all snapshots, `heard_until` until when preferences had heard
    everything that it told; None where nobody knows. `behind` is why what the database knows is not to be
    acted upon, as `recovery.why_behind` says it.
    """

    now: datetime
    clock_skew: timedelta
    copied_until: datetime | None
    heard_until: datetime | None
    behind: str | None = None

    @property
    def copy_lag(self) -> timedelta | None:
        """How old the copy is: never younger than what preferences has heard, even if nothing is unread."""
        if self.copied_until is None or self.heard_until is None:
            return None
        return self.now - min(self.copied_until, self.heard_until)


def obstacle_in(conditions: Conditions, *, limits: ObstacleLimits) -> str | None:
    """Return in a few words why nothing may be sent under these conditions, or None."""
    if abs(conditions.clock_skew) > limits.clock_skew:
        return "clock differs from the database's"
    if conditions.behind is not None:
        return f"{conditions.behind}: see `outreach recover`"
    if conditions.copied_until is None:
        return "the copy of preferences was never complete"
    if conditions.copy_lag is None:
        return "preferences has not said how much it has heard"
    return "the copy of preferences is old" if conditions.copy_lag > limits.copy_lag else None


class Obstacles:
    """Looks for what stands in the way now. `copy` is the topic that the copy of preferences is kept from."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        copy: ConsumedTopic,
        limits: ObstacleLimits,
        compare: FindObstacle = no_obstacle,
    ) -> None:
        """Take `compare`, which says why nobody knows whether the database is behind Kafka."""
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._copy = copy
        self._limits = limits
        self._compare = compare

    async def find(self) -> str | None:
        """Return in a few words why nothing may be sent now, or None; set how old the copy is.

        Raises:
            DatabaseUnavailable: nobody can say.
        """
        if (unknown := await self._compare()) is not None:
            return unknown
        conditions = await self._read()
        if conditions.copy_lag is not None:
            self._metrics.set("copy_lag_seconds", conditions.copy_lag.total_seconds())
        return obstacle_in(conditions, limits=self._limits)

    async def _read(self) -> Conditions:
        now = self._clock.now()
        async with self._database.transaction() as connection:
            return Conditions(
                now=now,
                copied_until=await offsets.caught_up_at(connection, self._copy),
                heard_until=await offsets.caught_up_at(connection, PREFERENCES_HEARD),
                clock_skew=await operations.measure_clock_skew(connection, now=now),
                behind=await recovery.why_behind(connection),
            )
