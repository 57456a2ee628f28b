"""Which vendors are given a rest, as a gauge: staff are to know before the day's messages expire."""

from collections.abc import Collection

from foundation.database import Database
from foundation.metrics import Metrics
from outreach.store.breakers import read_breakers


async def measure_resting(providers: Collection[str], *, metrics: Metrics, database: Database) -> None:
    """Set whether each provider was given a rest and no call has worked since: alike in all replicas."""
    async with database.transaction() as connection:
        breakers = await read_breakers(connection)
    for provider in providers:
        breaker = breakers.get(provider)
        rests = breaker is not None and breaker.open_till is not None
        metrics.set("provider_resting", rests, provider=provider)
