"""Dispatch: claim, then call, as long as something is due. Claims go on while calls are under way."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from foundation.backoff import Backoff
from foundation.clock import Clock
from foundation.database import Database, DatabaseUnavailable
from foundation.pulse import Pulse
from outreach.guidance.guidance import Guidance
from outreach.sending.claim import claim_due_touches
from outreach.sending.claim_result import Call
from outreach.sending.compose import Compose
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import FindObstacle
from outreach.sending.send import Sender

log = structlog.get_logger(__name__)

#: How many rounds of calls may be left when the next claim begins, so that some are made while it waits for
#: the database. Few enough that with as many workers and as large a claim as usual all of them end within the
#: lease, even if each takes its longest; what does not finds the gate shut.
_ROUNDS_AHEAD = 4


class Dispatch:
    """Sends what is due. Any number may run beside each other."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        compose: Compose,
        sender: Sender,
        dispatching: Dispatching,
        guidance: Callable[[], Guidance],
        find_obstacle: FindObstacle,
    ) -> None:
        self._database = database
        self._clock = clock
        self._compose = compose
        self._sender = sender
        self._dispatching = dispatching
        self._guidance = guidance
        self._find_obstacle = find_obstacle
        #: How many messages of each play were begun since the volume brake last looked.
        self.begun: Counter[str] = Counter()
        #: Beats with every step: whoever runs this watches it.
        self.pulse = Pulse()
        self._wake = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._obstructed_by: str | None = None

    def wake(self) -> None:
        """Look now: something may be due."""
        self._wake.set()

    async def send_due(self) -> int:
        """Decide and send everything that is due now; return how many people were looked at."""
        looked_at = 0
        while claimed := await self._claim():
            looked_at += claimed
            await self._drain()
        return looked_at

    async def run(self, stop: asyncio.Event, *, tick: timedelta) -> None:
        """Send what falls due until told to stop, through any outage; then let the calls under way end."""
        backoff = Backoff()
        try:
            while not stop.is_set():
                self._wake.clear()
                self.pulse.beat()
                pause = await self._send(stop, tick, backoff=backoff)
                self.pulse.rest()
                await self._rest(stop, pause)
        finally:
            await asyncio.sleep(0)  # what was begun last comes to wait, too
            self._sender.give_up_waiting()
            await self._drain()

    async def _send(self, stop: asyncio.Event, tick: timedelta, *, backoff: Backoff) -> timedelta:
        """Send until nothing is due; return how long to rest then."""
        try:
            await self._send_until_idle(stop)
        except DatabaseUnavailable as error:
            pause = backoff.next_pause()
            log.warning("dispatch interrupted", cause=str(error), next_attempt_in=pause.total_seconds())
            return pause
        backoff.reset()
        return tick

    async def _send_until_idle(self, stop: asyncio.Event) -> None:
        while not stop.is_set() and await self._may_send() and await self._claim():
            await asyncio.sleep(0)  # what was begun comes to wait for its turn
            self.pulse.beat()
            # The next claim is decided while the last one's calls are still being made.
            while len(self._under_way) > _ROUNDS_AHEAD * self._dispatching.workers or not self._sender.room():
                if not self._sender.room():
                    self.pulse.rest()  # a slow pace is no hanging
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
                self.pulse.beat()

    async def _may_send(self) -> bool:
        async with self._database.transaction() as connection:
            obstacle = await self._find_obstacle(connection)
        cause = obstacle.cause if obstacle is not None else None
        if cause != self._obstructed_by:
            log.warning(
                "dispatch waits" if obstacle else "dispatch goes on",
                cause=cause,
                detail=obstacle and obstacle.detail,
            )
            self._obstructed_by = cause
        return obstacle is None

    async def _claim(self) -> int:
        # No more than will have its turn in time: what waits for longer than its lease finds the gate shut,
        # and at a slow pace everything would.
        batch = min(self._dispatching.batch, self._sender.room())
        calls, claimed = await claim_due_touches(
            self._guidance(),
            database=self._database,
            clock=self._clock,
            compose=self._compose,
            dispatching=replace(self._dispatching, batch=batch),
        )
        for call in calls:
            self._begin(call)
        return claimed

    def _begin(self, call: Call) -> None:
        self.begun[call.play] += 1
        task = asyncio.create_task(self._sender.send(call))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a call was not settled", exc_info=error)

    async def _drain(self) -> None:
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _rest(self, stop: asyncio.Event, pause: timedelta) -> None:
        waiting = [asyncio.create_task(task.wait()) for task in (stop, self._wake)]
        await asyncio.wait(waiting, timeout=pause.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
