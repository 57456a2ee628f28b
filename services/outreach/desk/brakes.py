"""Brakes: what operations staff hold back, let go, cancel, or hand back from a human."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Database
from outreach.announcing import touches as announce
from outreach.guidance.guidance import Guidance
from outreach.model.playbook import ANSWERS
from outreach.model.words import HoldKind, ScheduleReason
from outreach.store import operations, people, suppressions, touches
from outreach.store.changes import people_changed

#: What is due so soon is what a pause is mostly for.
_SOON: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a pause holds back: unsent messages, and how many of them are due within a day."""

    messages: int
    due: int


class NoSuchName(Exception):
    """No creditor or play has this name: neither the files in force know it, nor anything that is unsent."""

    def __init__(self, what: str, name: str, known: frozenset[str]) -> None:
        super().__init__(what, name)
        self.what = what
        self.name = name
        self.known = known


async def pause(
    *,
    creditor: str | None,
    play: str | None,
    channel: str | None,
    by: str,
    guidance: Guidance | None,
    database: Database,
    clock: Clock,
) -> Held:
    """Hold back what these words narrow it to; the gate sees it at once. Return what that is.

    Raises:
        NoSuchName: nothing is called so, and nothing is paused.
    """
    now = clock.now()
    async with database.transaction() as connection:
        creditors, plays = await operations.list_names_of_touches(connection)
        if guidance is not None:
            creditors |= guidance.directory.creditors.keys()
            plays |= {*guidance.playbook.plays, ANSWERS}
        for what, name, known in (("creditor", creditor, creditors), ("play", play, plays)):
            if name is not None and name not in known:
                raise NoSuchName(what, name, known)
        await operations.pause(connection, creditor=creditor, play=play, channel=channel, by=by, now=now)
        messages, due = await operations.count_held(
            connection, creditor=creditor, play=play, channel=channel, soon=now + _SOON
        )
    return Held(messages=messages, due=due)


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


async def release_person(person_id: str, *, by: str, database: Database, clock: Clock) -> int:
    """End the pause that a reply caused, once a human has answered it; return how many ended."""
    now = clock.now()
    async with database.transaction() as connection:
        await people.lock_people(connection, [person_id])
        bound = await suppressions.read_suppressions(connection, [person_id])
        waiting = [
            suppression.suppression_id
            for suppression in bound.get(person_id, ())
            if suppression.kind == HoldKind.WITH_HUMAN
        ]
        lifted = await suppressions.lift_suppressions(connection, waiting, by=by, now=now)
        if lifted:
            await people_changed(connection, [person_id], now=now, wake=True)
    return len(lifted)
