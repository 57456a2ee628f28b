"""What a restored or new database lacks of what it had read and published, until it has read it again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from foundation.database import Connection
from foundation.sql import queries

#: `behind`: its consumers had read more. `own_past`: it had published more. `forgotten`: Kafka forgot how
#: far they had read. `recreated`: the topic was made anew, and what was unread in the old one is gone.
Cause = Literal["behind", "own_past", "forgotten", "recreated"]

#: Who is said to have accepted what turned out to be known.
_NOBODY_HAD_TO = "nothing was missing"

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A partition in which a database stands behind what it had read, or published, as `group`.

    Of what it lacks `lost` records are kept no longer; the oldest one kept is of `keeps_from`.
    """

    group: str
    topic: str
    partition: int
    cause: Cause
    stands: int
    committed: int
    lost: int = 0
    keeps_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """One partition that was behind: where the database stood, how far it is now, where it is whole.

    `missing` records are still to be read; of those read back `found` said something new.
    """

    consumer_group: str
    topic: str
    partition: int
    cause: Cause
    stood: int
    stands: int
    missing: int
    committed: int
    lost: int
    found: int
    keeps_from: datetime | None
    noticed_at: datetime

    @property
    def needs_a_word(self) -> bool:
        """Whether somebody must say to go on: something stays unknown though all that is kept was read.

        What staff ordered since a backup stands in no topic, so whatever shows a restore counts.
        """
        return self.cause in ("behind", "recreated") or self.lost > 0 or self.found > 0

    @property
    def is_over(self) -> bool:
        """Whether it was read, and turned out to be known."""
        return not self.missing and not self.needs_a_word


async def note(connection: Connection, gaps: Sequence[Gap], *, now: datetime) -> int:
    """Note what is missing, once however often it is noticed; return how much of it is new.

    The group's stored offset becomes that of the first record to be read.
    """
    await _accept(connection, await _list_over(connection), by=_NOBODY_HAD_TO, now=now)
    if not gaps:
        return 0
    noted = await _SQL.note_recoveries(
        connection,
        groups=[gap.group for gap in gaps],
        topics=[gap.topic for gap in gaps],
        partitions=[gap.partition for gap in gaps],
        stands=[gap.stands for gap in gaps],
        committed=[gap.committed for gap in gaps],
        causes=[gap.cause for gap in gaps],
        lost=[gap.lost for gap in gaps],
        keeps_from=[gap.keeps_from for gap in gaps],
        now=now,
    )
    return len(noted)


async def list_open(connection: Connection) -> list[Recovery]:
    """Return what is missing or needs somebody's word, those with most to read first."""
    return [gap for gap in await _list_all(connection) if not gap.is_over]


async def count_found(connection: Connection, gap: Recovery, found: int) -> None:
    """Note how many of the records just read back said something new."""
    if found:
        await _SQL.count_found(
            connection, group=gap.consumer_group, topic=gap.topic, partition=gap.partition, found=found
        )


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
    whole = [gap for gap in await list_open(connection) if not gap.missing]
    await _accept(connection, whole, by=by, now=now)
    return len(whole)


async def _list_all(connection: Connection) -> list[Recovery]:
    return [Recovery(**row) for row in await _SQL.list_open_recoveries(connection)]


async def _list_over(connection: Connection) -> list[Recovery]:
    return [gap for gap in await _list_all(connection) if gap.is_over]


async def _accept(connection: Connection, gaps: Iterable[Recovery], *, by: str, now: datetime) -> None:
    accepted = list(gaps)
    if accepted:
        await _SQL.accept_recoveries(
            connection,
            groups=[gap.consumer_group for gap in accepted],
            topics=[gap.topic for gap in accepted],
            partitions=[gap.partition for gap in accepted],
            committed=[gap.committed for gap in accepted],
            by=by,
            now=now,
        )
