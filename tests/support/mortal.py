"""Workers that die, as in a power cut, or are cut off: at any moment of what they do, counted one by one."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal, NamedTuple

from foundation.database import Connection, Database, DatabaseUnavailable
from tests.support.statements import Told

#: `death`: whoever is dead does nothing any more. `outage`: the database goes away once, the worker lives.
Ending = Literal["death", "outage"]

#: What a worker is to do, on the database it is given.
Work = Callable[[Database], Awaitable[object]]

_SERVICES = str(Path(__file__).resolve().parents[2] / "services") + "/"


class WorkerDied(BaseException):
    """Not an `Exception`: nothing may catch it, as nothing catches a power cut."""


class Moment(NamedTuple):
    """Something a worker is about to do, or has just done, and the function of the product that does it."""

    name: str
    place: str = ""


class Fate:
    """Ends a worker at its n-th moment, or at the first one of a name.

    The moments are each begin, statement and commit of a transaction (before it happens), `committed`
    (after it did), and whatever else asks `passes`, such as a call. So a transaction that nobody
    thought of here is ended at each of its moments too.
    """

    def __init__(self, at: int | str, *, ending: Ending = "death") -> None:
        self.ended = False
        #: The moments it has come to; the last one, where it ended.
        self.moments: list[Moment] = []
        self._at = at
        self._ending = ending

    @property
    def places(self) -> set[str]:
        """The functions that asked for the database, as `outreach/sending/gate.py ask`."""
        return {moment.place for moment in self.moments if moment.place}

    def passes(self, name: str, place: str = "") -> None:
        """Live on, unless this is where it ends."""
        if self.ended:
            if self._ending == "death":
                raise WorkerDied
            return
        self.moments.append(Moment(name, place))
        if self._at in {len(self.moments), name}:
            self.ended = True
            raise WorkerDied if self._ending == "death" else DatabaseUnavailable("cut off")


class MortalDatabase(Database):
    """The database of a worker that has a fate."""

    def __init__(self, living: Database, fate: Fate) -> None:
        super().__init__(living.connections)
        self.fate = fate

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Run the block in one transaction, as far as fate allows."""
        passes = partial(self.fate.passes, place=_who_asks())
        passes("begin")
        async with super().transaction() as connection:
            yield Told(connection, partial(passes, "statement"))
            passes("commit")
        passes("committed")

    @asynccontextmanager
    async def dedicated(self) -> AsyncIterator[Any]:
        """Open a connection, each statement of which is a moment of its own."""
        passes = partial(self.fate.passes, place=_who_asks())
        passes("connect")
        async with super().dedicated() as connection:
            yield Told(connection, partial(passes, "statement"))


async def ends_everywhere(
    database: Database,
    *,
    begin: Callable[[str], Awaitable[Work]],
    again: Callable[[str], Awaitable[object]],
    ending: Ending = "death",
) -> dict[str, Fate]:
    """Do the same work for one person after the other, ending one moment later each time.

    `begin` prepares a person and returns the work; `again` is what happens after the end: the work
    comes again, or somebody else takes over. Return the people's fates; the last person's never ended.
    """
    fates: dict[str, Fate] = {}
    for at in count(1):
        person = f"p{at:03}"
        work = await begin(person)
        fates[person] = fate = Fate(at, ending=ending)
        with suppress(WorkerDied, DatabaseUnavailable):
            await work(MortalDatabase(database, fate))
        if not fate.ended:
            break
        await again(person)
    return fates


def _who_asks() -> str:
    """Return the function of the product that asked for a transaction."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not frame.f_code.co_filename.startswith(_SERVICES):
        frame = frame.f_back
    path = frame.f_code.co_filename.removeprefix(_SERVICES)
    return f"{path} {frame.f_code.co_name}"
