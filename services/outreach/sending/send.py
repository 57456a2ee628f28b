"""Send: pace, gate, call, settle. No transaction is open while a provider is called."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog

from foundation.batches import Batches
from foundation.clock import Clock
from foundation.database import Database, DatabaseUnavailable
from outreach.model.message import Sms
from outreach.model.outcome import NotSent, Outcome, Unknown
from outreach.model.playbook import Playbook
from outreach.providers.provider import Provider
from outreach.sending.claim_result import Call
from outreach.sending.dispatching import Dispatching
from outreach.sending.gate import Gate, OpenGate
from outreach.sending.obstacles import FindObstacle, no_obstacle
from outreach.sending.pace import Pace
from outreach.sending.settle import ProviderAnswer, settle

log = structlog.get_logger(__name__)

#: What part of the time in which a call may begin is planned for: a text may have several segments.
_PLANNED: Final = 1 / 4

#: The gate did not open: something moved since the decision, so it is decided again.
GATE_SHUT = NotSent("gate_shut", retry_after=timedelta(seconds=1), our_fault=False)
#: The gate opened too long ago: this process was frozen, or its machine slept. A stop may have come since.
GATE_PASSED_LONG_AGO = NotSent("gate_passed_long_ago", retry_after=timedelta(seconds=1), our_fault=False)


class Sender:
    """Makes the calls that a claim decided, each after a last word from the database."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        providers: Mapping[str, Provider],
        paces: Mapping[str, Pace],
        playbook: Callable[[], Playbook],
        dispatching: Dispatching,
        find_obstacle: FindObstacle = no_obstacle,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # Taken before the gate: whoever has passed it calls at once.
        self._slots = asyncio.Semaphore(dispatching.workers)
        self._waiting: set[asyncio.Task[Any]] = set()
        self._database = database
        self._clock = clock
        self._providers = providers
        self._paces = paces
        self._dispatching = dispatching
        self._playbook = playbook
        self._gate = Gate(
            database=database,
            clock=clock,
            dispatching=dispatching,
            find_obstacle=find_obstacle,
            monotonic=monotonic,
        )
        self._asking: Batches[Call, OpenGate | None] = Batches(self._gate.ask)
        self._settle: Batches[ProviderAnswer, None] = Batches(self._settle_all)

    async def send(self, call: Call) -> None:
        """Make one call, if nothing has moved against it, and settle what it came to.

        When the database cannot be reached nothing is called, or what was called is left to
        recovery, which takes it for sent.
        """
        try:
            await self._take_turn(call)
            try:
                outcome = await self._call(call, through=await self._asking.submit(call))
            finally:
                self._slots.release()
            with self._gate.minding(call, outcome):
                await self._settle.submit(ProviderAnswer(call, outcome))
        except DatabaseUnavailable as error:
            log.warning("left to recovery", attempt_id=str(call.attempt_id), cause=str(error))

    def room(self) -> int:
        """Return how many calls more will have their turn while they are ours; 0 while enough wait for it."""
        within = (self._dispatching.lease - self._dispatching.longest_call) * _PLANNED
        return min((pace.room(within) for pace in self._paces.values()), default=self._dispatching.batch)

    def give_up_waiting(self) -> None:
        """Begin no call any more. What waits for its turn is left to recovery, which frees it."""
        for call in self._waiting:
            call.cancel()

    async def _take_turn(self, call: Call) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            if call.provider in self._paces:
                await self._paces[call.provider].take(_weight(call))
            await self._slots.acquire()
        finally:
            self._waiting.discard(task)

    async def _call(self, call: Call, *, through: OpenGate | None) -> Outcome:
        if through is None:
            return GATE_SHUT
        if self._gate.was_long_ago(through):
            return GATE_PASSED_LONG_AGO
        try:
            async with asyncio.timeout(self._dispatching.longest_call.total_seconds() + 1):
                return await self._providers[call.provider].send(call.message)
        except TimeoutError:
            # The provider's own timeout should have come first; either way nobody knows.
            return Unknown("timeout")

    async def _settle_all(self, answered: Sequence[ProviderAnswer]) -> Sequence[None]:
        await settle(
            answered,
            database=self._database,
            clock=self._clock,
            playbook=self._playbook(),
            dispatching=self._dispatching,
        )
        return [None] * len(answered)


def _weight(call: Call) -> int:
    return call.message.segments if isinstance(call.message, Sms) else 1
