"""The fleet: the replicas that send, each of which takes its share of what the vendors allow us."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from foundation.clock import Clock
from foundation.database import Database
from outreach.sending.pace import Pace
from outreach.store import operations

#: A replica that said nothing for so long counts as gone, and the others take its share.
LIVES_FOR: Final = timedelta(seconds=20)


class FleetMember:
    """One replica: says that it lives, and keeps its paces at its share of the fleet's rates.

    `rates` are what all replicas together may send in a second, by provider.
    """

    def __init__(self, *, replica: str, rates: Mapping[str, float], database: Database, clock: Clock) -> None:
        self._replica = replica
        self._rates = rates
        self._database = database
        self._clock = clock
        #: By provider; at the whole rate until the first beat.
        self.paces: Mapping[str, Pace] = {provider: Pace(rate) for provider, rate in rates.items()}

    async def beat(self) -> None:
        """Say that this replica lives, and share with those that said so lately."""
        async with self._database.transaction() as connection:
            alive = await operations.beat(
                connection,
                replica=self._replica,
                role="dispatch",
                alive_for=LIVES_FOR,
                now=self._clock.now(),
            )
        for provider, pace in self.paces.items():
            pace.change(self._rates[provider] / max(alive, 1))
