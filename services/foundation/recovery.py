"""What a restored or new database lacks of what its consumers had read, until it has read it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from foundation.database import Connection
from foundation.kafka import Gap
from foundation.offsets import Partition
from foundation.sql import queries

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """One partition that was behind: where the database stood, how far it is now, where it is whole."""

    topic: str
    partition: int
    stood: int
    stands: int
    committed: int
    noticed_at: datetime

    @property
    def missing(self) -> int:
        """How many records are still to be read."""
        return max(self.committed - self.stands, 0)


async def note(connection: Connection, group: str, gaps: Mapping[Partition, Gap], *, now: datetime) -> None:
    """Note that these partitions are behind; noted once, however often it is noticed."""
    await _SQL.note_recoveries(
        connection,
        group=group,
        topics=[topic for topic, _ in gaps],
        partitions=[partition for _, partition in gaps],
        stands=[gap.stands for gap in gaps.values()],
        committed=[gap.committed for gap in gaps.values()],
        now=now,
    )


async def list_open(connection: Connection) -> list[Recovery]:
    """Return what was behind and has not been accepted by anybody, those with most to read first."""
    return [Recovery(**row) for row in await _SQL.list_open_recoveries(connection)]


async def why_behind(connection: Connection) -> str | None:
    """Say why what is known here is not to be acted upon; None where it is, or somebody said so."""
    gaps = await list_open(connection)
    if any(gap.missing for gap in gaps):
        return "the database is behind Kafka"
    return "what was done since the backup is not known" if gaps else None


async def accept(connection: Connection, *, by: str, now: datetime) -> int:
    """Go on without what is not known of the time since the backup; return how many partitions that is.

    A partition that has records yet to be read is not accepted.
    """
    return len(await _SQL.accept_recoveries(connection, by=by, now=now))
