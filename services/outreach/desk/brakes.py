"""Brakes: what operations staff hold back, let go, or cancel."""

from datetime import timedelta
from uuid import UUID

from foundation import outbox
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
    by: str,
    database: Database,
    clock: Clock,
) -> None:
    """Hold back what these words narrow it to; the gate sees it at once."""
    async with database.transaction() as connection:
        await operations.pause(
            connection, creditor=creditor, play=play, channel=channel, by=by, now=clock.now()
        )


async def resume(
    *,
    creditor: str | None,
    play: str | None,
    channel: str | None,
    spread: timedelta,
    database: Database,
    clock: Clock,
) -> int:
    """End pauses made with the same words and spread what waited; return how many ended."""
    async with database.transaction() as connection:
        return await operations.resume(
            connection, creditor=creditor, play=play, channel=channel, spread=spread, now=clock.now()
        )


async def cancel_touch(touch_id: UUID, *, database: Database, clock: Clock) -> bool:
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
    return bool(cancelled)
