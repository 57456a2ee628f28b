"""Brakes: what operations staff hold back, let go, or cancel."""

from datetime import timedelta
from uuid import UUID

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Database
from outreach.announcing import touches as announce
from outreach.model.words import ScheduleReason
from outreach.store import operations, people, touches


async def pause(
    *,
    creditor: str | None,
    play: str | None,
    channel: str | None,
    actor: Actor,
    reason: str | None,
    database: Database,
    clock: Clock,
) -> None:
    """Hold back what these words narrow it to; the gate sees it at once."""
    now = clock.now()
    async with database.transaction() as connection:
        await operations.pause(
            connection, creditor=creditor, play=play, channel=channel, by=str(actor), now=now
        )
        narrowed = _narrowed(creditor, play, channel)
        await acts.record(connection, actor, "pause", subject=narrowed, reason=reason, now=now)


async def resume(
    *,
    creditor: str | None,
    play: str | None,
    channel: str | None,
    spread: timedelta,
    actor: Actor,
    reason: str | None,
    database: Database,
    clock: Clock,
) -> int:
    """End pauses made with the same words and spread what waited; return how many ended."""
    now = clock.now()
    async with database.transaction() as connection:
        ended = await operations.resume(
            connection, creditor=creditor, play=play, channel=channel, spread=spread, now=now
        )
        if ended:
            narrowed = _narrowed(creditor, play, channel)
            await acts.record(connection, actor, "resume", subject=narrowed, reason=reason, now=now)
        return ended


def _narrowed(*words: str | None) -> str:
    return " ".join(word for word in words if word) or "everything"


async def cancel_touch(
    touch_id: UUID, *, actor: Actor, reason: str | None, database: Database, clock: Clock
) -> bool:
    """Cancel a touch that is not being sent; the plan never takes it up again. Return whether it was."""
    now = clock.now()
    async with database.transaction() as connection:
        touch = await touches.find_touch(connection, touch_id)
        if touch is None:
            return False
        await people.lock_people(connection, [touch.person_id])
        cancelled = await touches.cancel_touches(
            connection, [touch_id], reason=ScheduleReason.CANCELLED_BY_OPERATIONS, now=now
        )
        if cancelled:
            news = announce.cancelled(touch, reason=ScheduleReason.CANCELLED_BY_OPERATIONS, now=now)
            await outbox.append(connection, [news], source=announce.SOURCE)
            await acts.record(connection, actor, "cancel", subject=str(touch_id), reason=reason, now=now)
    return bool(cancelled)
