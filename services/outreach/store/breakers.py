"""Which vendors are given a rest, for all replicas, and which call tries whether one works again."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.breaker import Breaker

_SQL = queries(__file__)


async def read_breakers(connection: Connection) -> Mapping[str, Breaker]:
    """Return the providers whose last calls failed."""
    return {
        row["provider"]: Breaker(row["failures"], row["open_till"])
        for row in await _SQL.read_breakers(connection)
    }


async def count_failures(
    connection: Connection, provider: str, failures: int, *, limit: int, rest: timedelta, now: datetime
) -> None:
    """Count failures in a row that were not the person's; at `limit` the provider rests."""
    await _SQL.count_failures(
        connection, provider=provider, failures=failures, limit=limit, rest=rest, now=now
    )


async def forgive(
    connection: Connection, providers: Collection[str], *, attempts: Collection[UUID], now: datetime
) -> None:
    """Forget the failures of providers that answered these attempts, for they work.

    One that rests is forgiven if the attempt that tries it is among them.
    """
    await _SQL.forgive(connection, providers=sorted(providers), attempts=[*attempts], now=now)


async def fail_trials(
    connection: Connection, attempts: Collection[UUID], *, rest: timedelta, now: datetime
) -> None:
    """Have providers rest again whose trial was one of these attempts, which brought nothing."""
    await _SQL.fail_trials(connection, attempts=[*attempts], rest=rest, now=now)


async def lock_rested(connection: Connection, *, now: datetime) -> list[str]:
    """Return providers whose rest is over and that nobody tries; nobody can begin to before we commit."""
    return [row["provider"] for row in await _SQL.lock_rested(connection, now=now)]


async def begin_trial(
    connection: Connection, provider: str, *, attempt: UUID, until: datetime, now: datetime
) -> None:
    """Let one attempt try the provider; if it is not settled by `until`, another may."""
    await _SQL.begin_trial(connection, provider=provider, attempt=attempt, until=until, now=now)
