"""What webhooks brought: which requests were taken, and what people wrote."""

from collections.abc import Collection, Sequence
from datetime import datetime

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.words import Channel

_SQL = queries(__file__)


async def accept_webhook_events(
    connection: Connection, events: Collection[str], *, provider: str, now: datetime
) -> set[str]:
    """Remember these event ids; return those that were never taken before."""
    found = await _SQL.accept_webhook_events(connection, ids=sorted(set(events)), provider=provider, now=now)
    return {row["event_id"] for row in found}


async def keep_reply(
    connection: Connection,
    *,
    reply_id: str,
    person_id: str | None,
    channel: Channel,
    address: str,
    text: str,
    understood: str,
    needs_human: bool,
    received_at: datetime,
) -> bool:
    """Keep what somebody wrote; return whether it is new."""
    kept = await _SQL.keep_reply(
        connection,
        reply_id=reply_id,
        person_id=person_id,
        channel=channel,
        address=address,
        text=text,
        understood=understood,
        needs_human=needs_human,
        received_at=received_at,
    )
    return kept is not None


async def list_replies_of(connection: Connection, person_id: str) -> Sequence[dict[str, object]]:
    """Return what a person wrote, in order."""
    return [dict(row) for row in await _SQL.list_replies_of(connection, person_id=person_id)]


async def forget_webhook_events(connection: Connection, *, before: datetime) -> None:
    """Forget event ids that no vendor repeats any more."""
    await _SQL.forget_webhook_events(connection, before=before)
