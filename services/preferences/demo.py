"""Preferences in `outreach demo`: the service itself, but for Kafka, which the demo stands in for."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from pydantic import SecretStr

from foundation.by_hand import ByHand
from foundation.clock import Clock
from foundation.database import Database
from foundation.health import Health
from foundation.intake import Intake
from foundation.metrics import Metrics
from foundation.migrations import migrate
from foundation.records import Record
from foundation.serving import serving
from preferences.app import METRICS, center_of
from preferences.config import PublicConfig
from preferences.http.public import LIMITS, RateLimits, public_application
from preferences.kafka.intake import intake_of
from preferences.ledger.name import name_everybody
from schemas import topics
from schemas.envelope import Event
from schemas.links import LinkKey

_HOST: Final = "127.0.0.1"
#: The demo's people all come from one machine, and live through days in a second.
_UNLIMITED: Final = RateLimits(per_address=10_000, per_link=10_000)


class PreferencesAtHand:
    """The service, beside outreach: it reads records, tells of people, and serves their pages at `url`."""

    def __init__(self, url: str, *, intake: Intake[Event], by_hand: ByHand) -> None:
        self.url = url
        self._intake = intake
        self._by_hand = by_hand

    async def hear(self, records: Sequence[Record]) -> None:
        """Read these records, of the topics that preferences reads, as one batch."""
        await self._intake.handle(records)

    async def tell(self) -> Sequence[Record]:
        """Return what it has to say of people since it was last asked."""
        return await self._by_hand.take(topics.PEOPLE)


@asynccontextmanager
async def at_hand(
    database_url: str, *, clock: Clock, link_key: str, check_key: str
) -> AsyncIterator[PreferencesAtHand]:
    """Run preferences on a database of its own, and serve its pages on a port of this machine.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    await migrate(database_url, package="preferences")
    public = PublicConfig(url=f"http://{_HOST}", link_key=SecretStr(link_key), check_key=SecretStr(check_key))
    key = LinkKey(link_key)
    async with Database.open(database_url, size=4, name="preferences-demo") as database:
        await name_everybody([key.names_key], database=database)
        metrics = Metrics(prefix="preferences", declared=METRICS)
        center = center_of(public, keys=[key], database=database, clock=clock, metrics=metrics)
        application = public_application(center, limits=_UNLIMITED, health=Health())
        async with serving(application, host=_HOST, port=0, limits=LIMITS) as port:
            intake = intake_of(database=database, clock=clock)
            yield PreferencesAtHand(f"http://{_HOST}:{port}", intake=intake, by_hand=ByHand(database))
