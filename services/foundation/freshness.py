"""How fresh is what is known of an input: until when all of a topic was handled, and whether reading stopped.

An empty topic that is read is fresh. One that nobody reads, or that is not there, never is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.database import Connection
from foundation.offsets import ConsumedTopic
from foundation.sql import queries

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputState:
    """What is known of a topic that a service reads.

    All that was published before `known_until` was handled; None while not all of its partitions
    have ever been read to their end. `stopped_at` is since when a flood of malformed records holds
    its reader up.
    """

    reader: str
    topic: str
    known_until: datetime | None
    stopped_at: datetime | None = None

    def is_fresh(self, *, now: datetime, limit: timedelta) -> bool:
        """Tell whether nothing older than `limit` can be unknown.

        An instant that lies ahead by more than that was told by a wrong clock, so it says nothing.
        """
        if self.known_until is None or self.stopped_at is not None:
            return False
        return abs(now - self.known_until) <= limit

    def __str__(self) -> str:
        """Say who lags, and since when."""
        if self.stopped_at is not None:
            held_up = f"stopped by a flood at {_second(self.stopped_at)}"
        elif self.known_until is None:
            held_up = "never read to its end"
        else:
            held_up = f"known until {_second(self.known_until)}"
        return f"{self.topic} as {self.reader} reads it ({held_up})"


async def read_states(connection: Connection, inputs: Sequence[ConsumedTopic]) -> list[InputState]:
    """Return how far each of these inputs is known, in their order."""
    rows = await _SQL.read_states(
        connection,
        groups=[consumed.group for consumed in inputs],
        topics=[consumed.topic for consumed in inputs],
        partitions=[consumed.partitions for consumed in inputs],
    )
    return [
        InputState(
            reader=row["consumer_group"].partition(".")[0],
            topic=row["topic"],
            known_until=row["known_until"],
            stopped_at=row["stopped_at"],
        )
        for row in rows
    ]


def _second(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z"
