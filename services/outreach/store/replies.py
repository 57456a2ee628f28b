"""What webhooks brought: which requests were taken, and what people wrote."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.reply import KeptReply
from outreach.model.words import Channel

_SQL = queries(__file__)


async def accept_webhook_events(
    connection: Connection, events: Collection[str], *, provider: str, now: datetime
) -> set[str]:
    """Remember these event ids; return those that were never taken before."""
    found = await _SQL.accept_webhook_events(connection, ids=sorted(set(events)), provider=provider, now=now)
    return {row["event_id"] for row in found}


async def keep_reply(connection: Connection, reply: KeptReply) -> bool:
    """Keep what somebody wrote; return whether it is new."""
    kept = msgspec.structs.asdict(reply)
    lists = {name: list(kept[name]) for name in ("kinds", "closes", "pictures", "attachments")}
    return await _SQL.keep_reply(connection, **{**kept, **lists}) is not None


async def list_waiting_of(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Return what a person wrote a moment ago, which is not bound yet."""
    return [dict(row) for row in await _SQL.list_waiting_of(connection, person_id=person_id)]


async def wait_for_binding(
    connection: Connection,
    *,
    reply_id: str,
    channel: Channel,
    address: str,
    text: str,
    received_at: datetime,
    confirmed_by_vendor: bool,
    stopped_at_vendor: bool,
    started_at_vendor: bool,
    person_id: str | None,
    is_proven: bool,
    automatic: str | None,
    pictures: Sequence[str],
    attachments: Sequence[str],
    asked: Sequence[str] = (),
    wish: str | None = None,
) -> None:
    """Hold back whatever would go to whoever has this address, until the reply is bound. Takes no lock."""
    await _SQL.wait_for_binding(
        connection,
        reply_id=reply_id,
        channel=channel,
        address=address,
        text=text,
        received_at=received_at,
        confirmed_by_vendor=confirmed_by_vendor,
        stopped_at_vendor=stopped_at_vendor,
        started_at_vendor=started_at_vendor,
        person_id=person_id,
        is_proven=is_proven,
        automatic=automatic,
        pictures=list(pictures),
        attachments=list(attachments),
        asked=list(asked),
        wish=wish,
    )


async def end_waiting(connection: Connection, waiting: Collection[str]) -> int:
    """Say that these replies wait no more, being bound in this transaction or taken back; count those."""
    return int(await _SQL.end_waiting(connection, replies=list(waiting))) if waiting else 0


async def list_waiting(connection: Connection, *, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return replies that are not bound yet, oldest first."""
    return [dict(row) for row in await _SQL.list_waiting(connection, limit=limit)]


async def list_replies_of(connection: Connection, person_id: str) -> Sequence[dict[str, object]]:
    """Return what a person wrote, in order."""
    return [dict(row) for row in await _SQL.list_replies_of(connection, person_id=person_id)]


async def is_kept(connection: Connection, reply_id: str) -> bool:
    """Return whether there is a reply of this id."""
    return bool(await _SQL.is_kept(connection, reply_id=reply_id))


async def note_answered(connection: Connection, reply_id: str, *, now: datetime) -> None:
    """Say that a human answers a reply."""
    await _SQL.note_answered(connection, reply_id=reply_id, now=now)


async def forget_webhook_events(connection: Connection, *, before: datetime) -> None:
    """Forget event ids that no vendor repeats any more."""
    await _SQL.forget_webhook_events(connection, before=before)


class WaitingUnsubscribe(msgspec.Struct, frozen=True):
    """Somebody's wish for no more email, heard and not bound yet."""

    person_id: str
    address: str
    heard_at: datetime


async def wait_to_unsubscribe(connection: Connection, *, person_id: str, address: str, now: datetime) -> None:
    """Keep that somebody wants no more email, before anybody is locked: from now on none goes out."""
    await _SQL.wait_to_unsubscribe(connection, person_id=person_id, address=address, now=now)


async def list_waiting_unsubscribes(connection: Connection, *, limit: int) -> list[WaitingUnsubscribe]:
    """Return what is heard and not bound, oldest first."""
    rows = await _SQL.list_waiting_unsubscribes(connection, limit=limit)
    return [WaitingUnsubscribe(**row) for row in rows]


async def end_waiting_unsubscribe(connection: Connection, *, person_id: str, address: str) -> None:
    """Forget what is bound now."""
    await _SQL.end_waiting_unsubscribe(connection, person_id=person_id, address=address)
