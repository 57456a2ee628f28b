"""Keeps a process's subscriptions and the database of one mind about where a flood has stopped reading."""

from collections.abc import Sequence

import structlog

from foundation import flood
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.subscribers import Subscription

log = structlog.get_logger(__name__)


class FloodWatch:
    """Stops what another replica found flooded, notes what is flooded here, goes on where staff said so."""

    def __init__(self, subscriptions: Sequence[Subscription], *, database: Database, clock: Clock) -> None:
        self._subscriptions = subscriptions
        self._database = database
        self._clock = clock
        #: The topics that the database was last seen to hold back, by us or by others.
        self._noted: set[str] = set()

    async def look(self) -> None:
        """Compare, once; to be repeated every second, and before reading begins.

        Raises:
            DatabaseUnavailable: what was known of them holds.
        """
        async with self._database.transaction() as connection:
            stopped = set(await flood.list_open(connection))
            for subscription in self._subscriptions:
                await self._follow(connection, subscription, stopped=stopped)

    async def _follow(
        self, connection: Connection, subscription: Subscription, *, stopped: set[tuple[str, str]]
    ) -> None:
        topic, group = subscription.topic, subscription.group
        flooded = subscription.standing().flooded
        if (group, topic) in stopped:
            self._noted.add(topic)
            if not flooded:
                subscription.stop()
                log.error("reading stays stopped after a flood", topic=topic)
        elif flooded and topic in self._noted:
            self._noted.remove(topic)
            subscription.resume()
            log.warning("reading goes on after a flood", topic=topic)
        elif flooded:
            await flood.note(connection, group=group, topic=topic, now=self._clock.now())
            self._noted.add(topic)
