"""What webhooks brought: which requests were taken, and what people wrote."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.reply import KeptReply

_SQL = queries(__file__)


async def accept_webhook_events(
    connection: Connection, events: Collection[str], *, provider: str, now: datetime
) -> set[str]:
    """Remember these event ids; return those that were never taken before."""
    found = await _SQL.accept_webhook_events(connection, ids=sorted(set(events)), provider=provider, now=now)
    return {row["event_id"] for row in found}


async def keep_reply(connection: Connection, reply: KeptReply) -> bool:
    """Keep what somebody wrote; return whether it is new."""
    return await _SQL.keep_reply(connection, **msgspec.structs.asdict(reply)) is not None


async def list_replies_of(connection: Connection, person_id: str) -> Sequence[dict[str, object]]:
    """Return what a person wrote, in order."""
    return [dict(row) for row in await _SQL.list_replies_of(connection, person_id=person_id)]


async def forget_webhook_events(connection: Connection, *, before: datetime) -> None:
    """Forget event ids that no vendor repeats any more."""
    await _SQL.forget_webhook_events(connection, before=before)
