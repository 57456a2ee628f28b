"""Work on one database that takes turns, statement by statement: an interleaving is told, not hoped for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

from foundation.database import Connection, Database
from tests.support.statements import Told

#: How long a statement may take before somebody asks whether it waits for a lock.
_SOON = 0.003


class Party(Database):
    """A database that asks for a turn before each begin, statement and commit."""

    def __init__(self, living: Database) -> None:
        super().__init__(living.connections)
        #: How many turns it has had.
        self.turns = 0
        #: How many of its transactions are over: whoever waited for their locks may go on.
        self.over = 0
        self._stands = asyncio.Event()
        self._may_go = asyncio.Event()
        self._free = False
        self._pid = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Run the block in one transaction, a turn for its begin, each statement and its commit."""
        await self._turn()
        try:
            async with super().transaction() as connection:
                self._pid = connection.get_server_pid()
                yield Told(connection, self._turn)
                await self._turn()
        finally:
            self.over += 1

    async def works(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do the work; at its end no turn is asked for any more."""
        try:
            await work()
        finally:
            self._free = True
            self._stands.set()

    @property
    def asks(self) -> bool:
        """Whether it asks for a turn: nothing of it is under way, and it has not ended."""
        return self._stands.is_set() and not self._free

    def goes(self) -> None:
        """Have the turn that it asks for."""
        self._stands.clear()
        self._may_go.set()

    def is_free(self) -> None:
        """Need no turns any more."""
        self._free = True
        self._may_go.set()

    async def comes_to_rest(self, watching: Database) -> None:
        """Return when it asks for a turn, has ended, or waits for another's lock."""
        while not await self._stands_soon():
            async with watching.transaction() as connection:
                if await connection.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", self._pid):
                    return

    async def _stands_soon(self) -> bool:
        if not self._stands.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stands.wait(), _SOON)
        return self._stands.is_set()

    async def _turn(self) -> None:
        self.turns += 1
        if self._free:
            return
        self._stands.set()
        await self._may_go.wait()
        if not self._free:
            self._may_go.clear()


async def take_turns(
    parties: Sequence[tuple[Party, Callable[[], Awaitable[object]]]],
    *,
    order: Iterable[Party],
    watching: Database,
) -> None:
    """Do the parties' work, one statement of one of them at a time, in this order.

    Who has ended, or waits for a lock, is passed over. After the end of `order` all go on at once.
    `watching` is asked who waits for whom.
    """
    everybody = [party for party, _ in parties]
    async with asyncio.TaskGroup() as group:
        for party, work in parties:
            group.create_task(party.works(work))
        for party in everybody:
            await party.comes_to_rest(watching)
        for party in order:
            if not party.asks:
                continue
            over = party.over
            party.goes()
            await party.comes_to_rest(watching)
            if party.over > over:
                # Whoever waited for its locks goes on by itself, to its next turn.
                for waiting in everybody:
                    await waiting.comes_to_rest(watching)
        for party in everybody:
            party.is_free()
