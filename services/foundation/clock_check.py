"""The machine's clock, compared with the database's: what is ordered by time is not judged by a wrong one."""

from datetime import datetime, timedelta

import structlog

from foundation.clock import Clock, as_utc
from foundation.database import Database

log = structlog.get_logger(__name__)

#: What `ntpd` keeps to with ease, and far less than the time between what people say twice.
CLOCKS_DIFFER_BY_AT_MOST = timedelta(seconds=2)


class WrongClock(Exception):
    """The clock differs from the database's by more than it may; nothing was judged by it."""


class CheckedClock:
    """A clock that knows whether it is right: all replicas agree on the database's.

    `now` follows the database, as last looked at, while the machine's own clock is wrong, so that
    what must not be lost (a stop, a receipt) can still be recorded and in its order. Whoever can
    wait insists on a right clock instead.
    """

    def __init__(
        self, clock: Clock, *, database: Database, limit: timedelta = CLOCKS_DIFFER_BY_AT_MOST
    ) -> None:
        self._clock = clock
        self._database = database
        self._limit = limit
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the present instant, by the database's clock where ours is known to be wrong."""
        return self._clock.now() - self._ahead if self.is_wrong else self._clock.now()

    @property
    def is_wrong(self) -> bool:
        """Whether the clocks differed by more than the limit when they were last compared."""
        return abs(self._ahead) > self._limit

    @property
    def ahead(self) -> timedelta:
        """By how much the clock was ahead of the database's when last compared; behind is negative."""
        return self._ahead

    async def look(self) -> None:
        """Compare the clocks now. How long the database takes to answer counts for nothing.

        Raises:
            DatabaseUnavailable: they could not be compared; what was known of them holds.
        """
        was_wrong = self.is_wrong
        async with self._database.transaction() as connection:
            before = self._clock.now()
            database_time = as_utc(await connection.fetchval("SELECT clock_timestamp()"))
            after = self._clock.now()
        self._ahead = max(before - database_time, timedelta(0)) or min(after - database_time, timedelta(0))
        if self.is_wrong != was_wrong:
            log.error("clock differs from the database's", wrong=self.is_wrong, ahead=str(self._ahead))

    async def check(self) -> str | None:
        """Say in a few words that the clock is wrong, or None: for the health of a service."""
        await self.look()
        return "clock differs from the database's" if self.is_wrong else None

    async def insist(self) -> None:
        """Go on only with a right clock.

        Raises:
            WrongClock: nothing may be judged by it.
            DatabaseUnavailable: nobody knows whether it is right.
        """
        await self.look()
        if self.is_wrong:
            raise WrongClock
