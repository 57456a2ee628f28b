"""Brakes: what operations staff hold back, let go, or cancel."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import touches as announce
from outreach.guidance.guidance import Guidance
from outreach.model.playbook import ANSWERS
from outreach.model.words import ScheduleReason
from outreach.store import operations, people, touches

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
    actor: Actor,
    reason: str | None,
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
        await _check_names(connection, creditor, play, guidance=guidance)
        await operations.pause(
            connection, creditor=creditor, play=play, channel=channel, by=str(actor), now=now
        )
        narrowed = _narrowed(creditor, play, channel)
        await acts.record(connection, actor, "pause", subject=narrowed, reason=reason, now=now)
        messages, due = await operations.count_held(
            connection, creditor=creditor, play=play, channel=channel, soon=now + _SOON
        )
    return Held(messages=messages, due=due)


async def _check_names(
    connection: Connection, creditor: str | None, play: str | None, *, guidance: Guidance | None
) -> None:
    """Refuse names that neither the files in force nor anything unsent knows.

    Raises:
        NoSuchName: the first of them.
    """
    creditors, plays = await operations.list_names_of_touches(connection)
    if guidance is not None:
        creditors |= guidance.directory.creditors.keys()
        plays |= {*guidance.playbook.plays, ANSWERS}
    for what, name, known in (("creditor", creditor, creditors), ("play", play, plays)):
        if name is not None and name not in known:
            raise NoSuchName(what, name, known)


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
