"""Report: until when everything that was said has been told, so that silence is not taken for no news."""

from collections.abc import Iterable
from datetime import datetime

from foundation import offsets, outbox, recovery
from foundation.clock import Clock
from foundation.database import Database
from foundation.offsets import ConsumedTopic
from preferences.announcing.events import SOURCE, event_of
from preferences.model.record import moment

#: The key of these events; no person may have it.
KEY = "preferences"


async def report_caught_up(
    consumed: Iterable[ConsumedTopic], *, database: Database, clock: Clock
) -> datetime | None:
    """Publish until when all these topics have been heard and told; return it, or None where nobody knows.

    Nobody knows either while the database lacks some of what it had read or told before, and nobody has
    said to go on without it.

    The event takes its place in the outbox behind all snapshots of what was heard until then. It
    says of each topic how far it was heard, so that a reader can tell which one lags.
    """
    async with database.transaction() as connection:
        if await recovery.why_behind(connection) is not None:
            return None
        reached = {topic.topic: await offsets.caught_up_at(connection, topic) for topic in consumed}
        known = {topic: instant for topic, instant in reached.items() if instant is not None}
        if len(known) < len(reached):
            return None
        caught_up_at = min(known.values())
        data = {
            "caught_up_at": moment(caught_up_at),
            "topics": [{"topic": topic, "caught_up_at": moment(at)} for topic, at in known.items()],
        }
        event = event_of("preferences.caught_up.v1", data, key=KEY, now=clock.now())
        await outbox.append(connection, [event], source=SOURCE)
    return caught_up_at
