"""A database whose user dies, as a worker does in a power cut: before, during or after a transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from foundation.database import Connection, Database

Moment = Literal["before", "during", "after"]


class WorkerDied(BaseException):
    """Not an `Exception`: nothing may catch it, as nothing catches a power cut."""


class MortalDatabase(Database):
    """Dies at its n-th transaction; whoever is dead never comes back to the database.

    `during` undoes the transaction at its end, `after` commits it and tells nobody.
    """

    def __init__(self, living: Database, *, dies_at: int, moment: Moment) -> None:
        super().__init__(living._pool, living._url, living._name)
        self.died = False
        self._dies_at = dies_at
        self._moment = moment
        self._begun = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Run the block in one transaction, unless this is where the worker dies."""
        if self.died:
            raise WorkerDied
        self._begun += 1
        dies = self._begun == self._dies_at
        if dies and self._moment == "before":
            self._die()
        async with super().transaction() as connection:
            yield connection
            if dies and self._moment == "during":
                self._die()
        if dies:
            self._die()

    def _die(self) -> None:
        self.died = True
        raise WorkerDied
