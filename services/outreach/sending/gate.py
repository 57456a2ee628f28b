"""The gate: the last word from the database before a vendor is called."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.model.outcome import Outcome, blames_provider
from outreach.sending.claim_result import Call
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import FindObstacle, no_obstacle
from outreach.store import attempts, breakers

#: For how long an open gate permits a call. Whoever waits for a lock of ours gives up later than this.
GATE_STAYS_OPEN: Final = timedelta(seconds=2)
#: How many calls are looked at for one that may try a provider; the others are shut out by something else.
_MOST_CANDIDATES: Final = 5


@dataclass(frozen=True, slots=True)
class OpenGate:
    """When the gate that let a call pass was asked, by two clocks: one may stand still, the other be set."""

    asked_at: datetime
    monotonic: float


class Gate:
    """Lets those calls pass that nothing has moved against, to vendors that are not given a rest."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        dispatching: Dispatching,
        find_obstacle: FindObstacle = no_obstacle,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._dispatching = dispatching
        self._find_obstacle = find_obstacle
        self._monotonic = monotonic
        #: Failures that this process has seen and no transaction has counted yet.
        self._uncounted: Counter[str] = Counter()

    async def ask(self, calls: Sequence[Call]) -> Sequence[OpenGate | None]:
        """Return the gate of each call that may be made at once, None of one that is to be decided again."""
        # Taken before the database is asked: what it has not heard by then may be a stop.
        gate = OpenGate(self._clock.now(), self._monotonic())
        async with self._database.transaction() as connection:
            # A call may have waited for its turn for long, and what was known when it was decided is old.
            if await self._find_obstacle(connection) is not None:
                return [None] * len(calls)
            failing = await self._at_their_limit(connection)
            asked = [call for call in calls if call.provider not in failing]
            passed = await self._open(connection, [call.attempt_id for call in asked], now=gate.asked_at)
            shut = [call for call in asked if call.attempt_id not in passed]
            if shut:
                passed |= await self._try_rested(connection, shut, now=gate.asked_at)
        return [gate if call.attempt_id in passed else None for call in calls]

    def was_long_ago(self, gate: OpenGate) -> bool:
        """True where this process was frozen, or its machine slept, since the gate was asked."""
        passed = timedelta(seconds=self._monotonic() - gate.monotonic)
        return max(passed, self._clock.now() - gate.asked_at) > GATE_STAYS_OPEN

    @contextmanager
    def minding(self, call: Call, outcome: Outcome) -> Iterator[None]:
        """Mind a failure at once, until within this context it is counted for all replicas."""
        if not blames_provider(outcome):
            yield
            return
        self._uncounted[call.provider] += 1
        try:
            yield
        finally:
            self._uncounted[call.provider] -= 1

    async def _at_their_limit(self, connection: Connection) -> set[str]:
        """Return who is at the limit, with what this process saw and no transaction has counted yet."""
        uncounted = +self._uncounted
        if not uncounted:
            return set()
        counted = await breakers.read_breakers(connection)
        return {
            provider
            for provider, failures in uncounted.items()
            if failures + (counted[provider].failures if provider in counted else 0)
            >= self._dispatching.breaker_failures
        }

    async def _open(
        self, connection: Connection, ids: Sequence[UUID], *, now: datetime, trying: bool = False
    ) -> set[UUID]:
        return await attempts.open_gate(
            connection,
            ids,
            longest_call=self._dispatching.longest_call,
            margin=self._dispatching.margin,
            trying=trying,
            now=now,
        )

    async def _try_rested(self, connection: Connection, shut: Sequence[Call], *, now: datetime) -> set[UUID]:
        """Let one call pass to each provider whose rest is over and that no replica is trying."""
        passed: set[UUID] = set()
        for provider in await breakers.lock_rested(connection, now=now):
            candidates = [call.attempt_id for call in shut if call.provider == provider]
            for attempt in candidates[:_MOST_CANDIDATES]:
                # Its person is locked already, with all who were asked for.
                if await self._open(connection, [attempt], now=now, trying=True):
                    until = now + self._dispatching.trial
                    await breakers.begin_trial(connection, provider, attempt=attempt, until=until, now=now)
                    passed.add(attempt)
                    break
        return passed
