"""Which events were heard, so that hearing one twice changes nothing the second time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from foundation.database import Connection
from foundation.sql import queries

#: `changed`: an event of this source and id was heard, and said something else.
Verdict = Literal["new", "known", "changed"]

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """An event's source and id, unique together, and a digest of what it says."""

    source: str
    id: str
    digest: bytes

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.id


async def hear(connection: Connection, events: Sequence[HeardEvent], *, now: datetime) -> list[Verdict]:
    """Note the events that were not heard before; return of each, in their order, whether it is new.

    A transaction that hears the same event at the same moment waits for ours to end, and then
    knows. If ours is undone, the events were never heard. What a release heard that kept no digests
    is known, whatever it says.
    """
    if not events:
        return []
    first: dict[tuple[str, str], bytes | None] = {}
    for event in events:
        first.setdefault(event.key, event.digest)
    keys = sorted(first)
    inserted = await _SQL.hear(
        connection,
        sources=[source for source, _ in keys],
        ids=[event_id for _, event_id in keys],
        digests=[first[key] for key in keys],
        now=now,
    )
    new = {(row["source"], row["event_id"]) for row in inserted}
    first |= await _read_digests(connection, [key for key in keys if key not in new])
    verdicts: list[Verdict] = []
    for event in events:
        if first[event.key] not in (None, event.digest):
            verdicts.append("changed")
        else:
            verdicts.append("new" if event.key in new else "known")
            new.discard(event.key)
    return verdicts


async def _read_digests(
    connection: Connection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], bytes | None]:
    """Return what these events said when they were heard; None where nobody kept it."""
    if not keys:
        return {}
    rows = await _SQL.read_digests(
        connection, sources=[source for source, _ in keys], ids=[event_id for _, event_id in keys]
    )
    return {(row["source"], row["event_id"]): row["digest"] for row in rows}


async def forget_digests(connection: Connection, events: Sequence[tuple[str, str]]) -> None:
    """Forget what these events said, each given by source and id; heard again they are known all the same."""
    await _SQL.forget_digests(
        connection, sources=[source for source, _ in events], ids=[event_id for _, event_id in events]
    )


async def delete_heard(connection: Connection, *, before: datetime) -> int:
    """Forget events heard before an instant; return how many. Heard again, they would be new."""
    deleted: int = await _SQL.delete_heard_before(connection, before=before)
    return deleted
