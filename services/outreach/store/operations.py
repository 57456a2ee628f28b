"""What staff and replicas agree on through the database: config, pauses, who is alive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from foundation.database import Connection, to_json
from foundation.sql import queries
from outreach.model.pause import Pause

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigInForce:
    """The configuration that every replica follows. `content` maps file names to their text.

    `number` grows with each switch, so that of two versions it is known which came later.
    """

    version: str
    number: int
    policy: str
    switched_at: datetime
    replanned: bool
    content: dict[str, str]


async def switch_config(
    connection: Connection,
    *,
    version: str,
    policy: str,
    content: dict[str, str],
    by: str | None,
    now: datetime,
) -> bool:
    """Store a version and put it in force for every replica; return whether anything changed."""
    await _SQL.keep_config_version(
        connection, version=version, policy=policy, content=to_json(content), now=now, by=by
    )
    switched = await _SQL.switch_config(connection, version=version, policy=policy, now=now)
    return switched is not None


async def renew_policy(connection: Connection, *, version: str, policy: str) -> bool:
    """Note what the version in force comes to in this release; return whether that is something else."""
    return await _SQL.renew_policy(connection, version=version, policy=policy) is not None


async def was_in_force(connection: Connection, version: str) -> bool:
    """Say whether a version is in force, or was and is superseded."""
    return bool(await _SQL.was_in_force(connection, version=version))


async def find_config_in_force(connection: Connection) -> ConfigInForce | None:
    """Return the version in force, or None before the first."""
    row = await _SQL.find_config_in_force(connection)
    if row is None:
        return None
    content = msgspec.json.decode(row["content"], type=dict[str, str])
    return ConfigInForce(
        version=row["version"],
        number=row["number"],
        policy=row["policy"],
        switched_at=row["switched_at"],
        replanned=row["replanned"],
        content=content,
    )


async def find_content_of_policy(connection: Connection, policy: str) -> dict[str, str] | None:
    """Return the files of a version that held this policy, by name, or None if it was never in force."""
    content: str | None = await _SQL.find_content_of_policy(connection, policy=policy)
    return None if content is None else msgspec.json.decode(content, type=dict[str, str])


async def note_replanned(connection: Connection, *, version: str) -> None:
    """Note that everybody's plan follows this version, if it is still the one in force."""
    await _SQL.note_replanned(connection, version=version)


async def pause(
    connection: Connection,
    *,
    creditor: str | None,
    play: str | None,
    channel: str | None,
    by: str,
    now: datetime,
) -> None:
    """Pause what these words narrow it to, until `resume` with the same words."""
    await _SQL.pause(connection, creditor=creditor, play=play, channel=channel, by=by, now=now)


async def count_held(
    connection: Connection, *, creditor: str | None, play: str | None, channel: str | None, soon: datetime
) -> tuple[int, int]:
    """Return how many unsent messages these words match, and how many of them are due before `soon`."""
    row = await _SQL.count_held(connection, creditor=creditor, play=play, channel=channel, soon=soon)
    return row["messages"], row["due"]


async def list_names_of_touches(connection: Connection) -> tuple[frozenset[str], frozenset[str]]:
    """Return the creditors and the plays of what is unsent."""
    row = await _SQL.list_names_of_touches(connection)
    return frozenset(row["creditors"]), frozenset(row["plays"])


async def resume(
    connection: Connection,
    *,
    creditor: str | None,
    play: str | None,
    channel: str | None,
    spread: timedelta,
    now: datetime,
) -> int:
    """End such pauses and spread what waited over `spread`; return how many pauses ended."""
    ended = await _SQL.resume(connection, creditor=creditor, play=play, channel=channel, now=now)
    await _SQL.spread_paused(connection, spread=spread, now=now)
    return len(ended)


async def list_pauses(connection: Connection) -> Sequence[Pause]:
    """Return what is paused now."""
    return [Pause(**row) for row in await _SQL.list_pauses(connection)]


async def beat(
    connection: Connection, *, replica: str, role: str, alive_for: timedelta, now: datetime
) -> int:
    """Say that this replica is alive; return how many of its role are."""
    await _SQL.beat(connection, replica=replica, role=role, now=now)
    count: int = await _SQL.count_replicas(connection, role=role, since=now - alive_for)
    return count


async def measure_clock_skew(connection: Connection, *, now: datetime) -> timedelta:
    """Return how far the database's clock is ahead of `now`."""
    seconds: float = await _SQL.clock_skew(connection, now=now)
    return timedelta(seconds=seconds)
