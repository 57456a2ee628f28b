"""What stands in the way of every message: what is not known here, or a clock that cannot be right.

Not known is what a database behind Kafka has yet to read, and what any input may have said since it was last
known to be fresh: debts, payments, contacts, people, and what preferences reads for us.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from foundation import recovery
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.freshness import InputState, read_states
from foundation.metrics import Metrics
from foundation.offsets import ConsumedTopic
from outreach.store import operations

#: What the metric says of an input that was never read to its end.
_NEVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing may be sent now. `cause` stays while the same stands in the way; `detail` may change."""

    cause: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.cause}: {self.detail}" if self.detail else self.cause


#: Says why nothing may be sent now, or None.
FindObstacle: TypeAlias = Callable[[Connection], Awaitable[Obstacle | None]]


async def no_obstacle(_: Connection) -> None:
    """Find nothing in the way: for whoever has no inputs that could be old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleLimits:
    """How old what is known of an input may be, and how far our clock may be from the database's.

    A gate stays open for two seconds after it was asked, and an input is looked at every second: with
    these and the usual limit, what was said 15 seconds ago is heard or nothing is sent.
    """

    input_lag: timedelta = timedelta(seconds=12)
    clock_skew: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How our clock and our inputs stand at an instant.

    `behind` is why what the database knows is not to be acted upon, as `recovery.why_behind` says it.
    """

    now: datetime
    clock_skew: timedelta
    inputs: Sequence[InputState] = ()
    behind: str | None = None

    def lagging(self, limit: timedelta) -> list[InputState]:
        """Return the inputs that are not known to be fresh."""
        return [state for state in self.inputs if not state.is_fresh(now=self.now, limit=limit)]


def obstacle_in(conditions: Conditions, *, limits: ObstacleLimits) -> Obstacle | None:
    """Return why nothing may be sent under these conditions, or None."""
    if abs(conditions.clock_skew) > limits.clock_skew:
        return Obstacle("clock differs from the database's")
    if conditions.behind is not None:
        return Obstacle(conditions.behind, "see `outreach recover`")
    if lagging := conditions.lagging(limits.input_lag):
        named = ", ".join(f"{state.topic} ({state.reader})" for state in lagging)
        limit = f"{limits.input_lag.total_seconds():g} s"
        return Obstacle(f"not known to be fresh: {named}", f"limit {limit}; {'; '.join(map(str, lagging))}")
    return None


class Obstacles:
    """Looks for what stands in the way now. `inputs` is all that sending stands on."""

    def __init__(
        self,
        *,
        clock: Clock,
        metrics: Metrics,
        inputs: Sequence[ConsumedTopic],
        limits: ObstacleLimits,
        compared: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take `compared`, which says whether it is known yet how the database stands to Kafka."""
        self._clock = clock
        self._metrics = metrics
        self._inputs = inputs
        self._limits = limits
        self._compared = compared

    async def find(self, connection: Connection) -> Obstacle | None:
        """Return why nothing may be sent now, or None; set how old each input is.

        Raises:
            DatabaseUnavailable: nobody can say.
        """
        conditions = await read_conditions(connection, self._inputs, now=self._clock.now())
        obstacle = obstacle_in(conditions, limits=self._limits)
        if not self._compared():
            # It may be a restored one, which does not know yet what it has done.
            obstacle = Obstacle("the database was not compared with Kafka yet")
        for state in conditions.inputs:
            known = state.known_until
            lag = _NEVER if known is None else (conditions.now - known).total_seconds()
            self._metrics.set("input_lag_seconds", lag, topic=state.topic, reader=state.reader)
        self._metrics.set("input_lag_limit_seconds", self._limits.input_lag.total_seconds())
        self._metrics.set("sending_waits", obstacle is not None)
        return obstacle

    def check(self, database: Database) -> Callable[[], Awaitable[str | None]]:
        """Return what says in a few words why nothing may be sent, for the health of a service."""

        async def say() -> str | None:
            async with database.transaction() as connection:
                obstacle = await self.find(connection)
            return str(obstacle) if obstacle is not None else None

        return say


async def read_conditions(
    connection: Connection, inputs: Sequence[ConsumedTopic], *, now: datetime
) -> Conditions:
    """Return how things stand now."""
    return Conditions(
        now=now,
        clock_skew=await operations.measure_clock_skew(connection, now=now),
        inputs=await read_states(connection, inputs),
        behind=await recovery.why_behind(connection),
    )
