"""How many messages each capped creditor and play began in each minute of the last hour."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.flow import HOUR, Begun

_SQL = queries(__file__)
_MINUTE: Final = timedelta(minutes=1)


async def lock_flows(connection: Connection, names: Collection[str]) -> None:
    """Keep everybody else from counting or adding under these names until the transaction ends."""
    await _SQL.lock_flows(connection, names=sorted(names))


async def read_flows(
    connection: Connection, names: Collection[str], *, now: datetime
) -> Mapping[str, Sequence[Begun]]:
    """Return what was begun in the hour before an instant, by name, the oldest first.

    A minute that began in that hour's first is counted whole. Whoever decides by it locks first.
    """
    found: defaultdict[str, list[Begun]] = defaultdict(list)
    for row in await _SQL.read_flows(connection, names=sorted(names), since=now - HOUR - _MINUTE):
        found[row["name"]].append(Begun(row["minute"], row["messages"]))
    return found


async def add_to_flows(connection: Connection, begun: Mapping[str, int], *, now: datetime) -> None:
    """Add what was begun, by name, to this minute, and forget what is older than an hour."""
    if begun:
        names = sorted(begun)
        await _SQL.forget_flows(connection, names=names, since=now - HOUR - _MINUTE)
        await _SQL.add_to_flows(connection, names=names, counts=[begun[name] for name in names], now=now)
