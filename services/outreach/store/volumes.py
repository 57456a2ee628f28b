"""How many messages each play began in each hour, and the plays that leapt over their own past."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from foundation.database import Connection
from foundation.sql import queries

_SQL = queries(__file__)


async def count_messages(connection: Connection, begun: Mapping[str, int], *, now: datetime) -> None:
    """Add what was begun, by play, to this hour."""
    if begun:
        await _SQL.count_messages(connection, plays=list(begun), counts=list(begun.values()), now=now)


async def pause_leaping_plays(
    connection: Connection, *, least: int, factor: float, past: timedelta, by: str, now: datetime
) -> list[str]:
    """Pause and return the plays that began more this hour than their past allows.

    That is `least`, or `factor` times their busiest hour of the past if that is more. A play that is
    paused already, or was resumed within a day, is let be.
    """
    found = await _SQL.pause_leaping_plays(connection, least=least, factor=factor, past=past, by=by, now=now)
    return [row["play"] for row in found]


async def forget_volumes(connection: Connection, *, before: datetime) -> None:
    """Forget the hours before an instant."""
    await _SQL.forget_volumes(connection, before=before)
