"""Brakes: what operations staff hold back, let go, or cancel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import touches as announce
from outreach.guidance.guidance import Guidance
from outreach.model.pause import Pause
from outreach.model.playbook import ANSWERS
from outreach.model.touch import TouchStatus
from outreach.model.words import ScheduleReason
from outreach.store import debts, operations, people, touches

#: What is due so soon is what a pause is mostly for.
_SOON: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a pause holds back, or did: unsent messages, and how many of them are due within a day."""

    messages: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What came of canceling a touch, and where it stood; there is no status of one that does not exist."""

    done: bool
    status: TouchStatus | None


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
        return await _held(connection, creditor, play, channel, now=now)


async def _held(
    connection: Connection, creditor: str | None, play: str | None, channel: str | None, *, now: datetime
) -> Held:
    messages, due = await operations.count_held(
        connection, creditor=creditor, play=play, channel=channel, soon=now + _SOON
    )
    return Held(messages=messages, due=due)


async def check_creditor(creditor: str, *, guidance: Guidance | None, database: Database) -> None:
    """Refuse a creditor whom nothing knows: nothing found of them would pass for nothing there.

    Raises:
        NoSuchName: neither the files in force, nor anything unsent, nor a debt has it.
    """
    async with database.reading() as connection:
        of_debts = {named for named, _ in await debts.list_creditors_and_portfolios(connection)}
        if creditor not in of_debts:
            await _check_names(connection, creditor, None, guidance=guidance)


async def _check_names(
    connection: Connection, creditor: str | None, play: str | None, *, guidance: Guidance | None
) -> None:
    """Refuse names that neither the files in force, nor anything unsent, nor a pause knows.

    Raises:
        NoSuchName: the first of them.
    """
    creditors, plays = await operations.list_names_of_touches(connection)
    pauses = await operations.list_pauses(connection)
    creditors |= {stop.creditor for stop in pauses if stop.creditor}
    plays |= {stop.play for stop in pauses if stop.play}
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
    guidance: Guidance | None,
    database: Database,
    clock: Clock,
) -> Held | None:
    """End pauses made with the same words and spread what waited; return what they held.

    Returns None where nothing was paused with these words, though all of them are known.

    Raises:
        NoSuchName: nothing was paused with these words, and nothing is called so.
    """
    now = clock.now()
    async with database.transaction() as connection:
        ended = await operations.resume(
            connection, creditor=creditor, play=play, channel=channel, spread=spread, now=now
        )
        if not ended:
            await _check_names(connection, creditor, play, guidance=guidance)
            return None
        narrowed = _narrowed(creditor, play, channel)
        await acts.record(connection, actor, "resume", subject=narrowed, reason=reason, now=now)
        return await _held(connection, creditor, play, channel, now=now)


async def list_held(*, database: Database, clock: Clock) -> list[tuple[Pause, Held]]:
    """Return each pause with what it holds back now."""
    now = clock.now()
    async with database.reading() as connection:
        return [
            (stop, await _held(connection, stop.creditor, stop.play, stop.channel, now=now))
            for stop in await operations.list_pauses(connection)
        ]


def _narrowed(*words: str | None) -> str:
    return " ".join(word for word in words if word) or "everything"


async def cancel_touch(
    touch_id: UUID, *, actor: Actor, reason: str | None, database: Database, clock: Clock
) -> Cancellation:
    """Cancel a touch that is not being sent; the plan never takes it up again."""
    now = clock.now()
    async with database.transaction() as connection:
        touch = await touches.find_touch(connection, touch_id)
        if touch is None:
            return Cancellation(done=False, status=None)
        await people.lock_people(connection, [touch.person_id])
        cancelled = await touches.cancel_touches(
            connection, [touch_id], reason=ScheduleReason.CANCELLED_BY_OPERATIONS, now=now
        )
        if cancelled:
            news = announce.cancelled(touch, reason=ScheduleReason.CANCELLED_BY_OPERATIONS, now=now)
            await outbox.append(connection, [news], source=announce.SOURCE)
            await acts.record(connection, actor, "cancel", subject=str(touch_id), reason=reason, now=now)
        else:
            # It may have gone on until the lock was ours.
            touch = await touches.find_touch(connection, touch_id)
    return Cancellation(done=bool(cancelled), status=None if touch is None else touch.status)
