"""Report: until when everything that was said has been told, so that silence is not taken for no news."""

from collections.abc import Mapping
from datetime import datetime

from foundation import offsets, outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.outbox import OutgoingEvent
from preferences.announcing.quarantine import SOURCE
from preferences.model.record import moment
from schemas import topics

#: The key of these events; no person may have it.
KEY = "preferences"


async def report_caught_up(*, groups: Mapping[str, str], database: Database, clock: Clock) -> datetime | None:
    """Publish until when all topics have been heard and told; return it, or None where nobody knows yet.

    `groups` are the consumer groups by topic. The event takes its place in the outbox behind all
    snapshots of what was heard until then.
    """
    async with database.transaction() as connection:
        reached = [await _reached(connection, group, topic) for topic, group in groups.items()]
        known = [instant for instant in reached if instant is not None]
        if len(known) < len(reached):
            return None
        caught_up_at = min(known)
        event = OutgoingEvent(
            topic=topics.PEOPLE,
            key=KEY,
            type="preferences.caught_up.v1",
            time=clock.now(),
            data={"caught_up_at": moment(caught_up_at)},
        )
        await outbox.append(connection, [event], source=SOURCE)
    return caught_up_at


async def _reached(connection: Connection, group: str, topic: str) -> datetime | None:
    return await offsets.caught_up_at(connection, group, topic, partitions=topics.TOPICS[topic].partitions)
