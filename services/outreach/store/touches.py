"""Touches at rest: what is planned, what waits, and what became of the rest.

Functions that change touches expect the caller to hold the lock of their people.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.touch import (
    DesiredTouch,
    FinishedTouch,
    RememberedTouch,
    RepeatedTouch,
    Touch,
    TouchProgress,
    TouchStatus,
    UnsentTouch,
)
from outreach.model.words import Channel

_SQL = queries(__file__)

#: How many due touches of one person are decided at once: far more than any cap lets go, and few enough that
#: others need not wait for it.
AT_ONCE: Final = 100
#: How long the next of them wait.
_PAUSE: Final = timedelta(seconds=5)


async def read_unsent(connection: Connection, people: Sequence[str]) -> list[UnsentTouch]:
    """Return the touches of these people that may still be sent or are being sent."""
    found = await _SQL.read_unsent(connection, people=people)
    return [UnsentTouch(TouchStatus(status), *rest) for status, *rest in found]


async def read_done(
    connection: Connection, people: Sequence[str], *, plays: Sequence[str]
) -> list[FinishedTouch]:
    """Return the touches of these plays that were sent or given up."""
    return [
        FinishedTouch(
            row["person_id"], row["debt_id"], row["play"], row["occasion"], TouchStatus(row["status"]),
            Channel(row["channel"]) if row["channel"] else None, row["at"],
        )
        for row in await _SQL.read_done(connection, people=people, plays=plays)
    ]  # fmt: skip


async def list_repetitions(
    connection: Connection, person_id: str, *, play: str, beginning: str
) -> list[RepeatedTouch]:
    """Return every touch of a play whose occasion's name begins so, oldest first."""
    found = await _SQL.list_repetitions(connection, person=person_id, play=play, beginning=beginning)
    return [RepeatedTouch(**row) for row in found]


async def plan_touches(connection: Connection, wanted: Sequence[DesiredTouch], *, now: datetime) -> set[UUID]:
    """Store these touches; return which are new or wanted again. Those that exist stay as they are."""
    if not wanted:
        return set()
    found = await _SQL.plan_touches(connection, wanted=wanted, now=now)
    return {row["touch_id"] for row in found}


async def move_touches(connection: Connection, moved: Sequence[DesiredTouch], *, now: datetime) -> None:
    """Make unsent touches what is wanted now, in all that the plan says of them."""
    if moved:
        await _SQL.move_touches(connection, moved=moved, now=now)


async def cancel_touches(
    connection: Connection, touches: Collection[UUID], *, reason: str, now: datetime
) -> set[UUID]:
    """Cancel those that are not being sent yet; return which were."""
    if not touches:
        return set()
    found = await _SQL.cancel_touches(connection, ids=list(touches), reason=reason, now=now)
    return {row["touch_id"] for row in found}


async def reconsider_touches(connection: Connection, people: Sequence[str], *, now: datetime) -> None:
    """Have everything of these people that was put off or waits decided again, a hundred at once."""
    await _SQL.reconsider_touches(connection, people=people, at_once=AT_ONCE, pause=_PAUSE, now=now)


async def reconsider_older_policies(
    connection: Connection, *, policy: str, spread: timedelta, now: datetime
) -> None:
    """Have everything that another policy put off decided again, spread over a while."""
    await _SQL.reconsider_older_policies(connection, policy=policy, spread=spread, now=now)


async def read_due_touches(
    connection: Connection, people: Sequence[str], *, soon: datetime, now: datetime
) -> list[Touch]:
    """Return the touches of these people due by `soon`, most important first.

    Of one person no more than `AT_ONCE` that are due `now`, and as many that are not yet.
    """
    found = await _SQL.read_due_touches(connection, people=people, soon=soon, at_once=AT_ONCE, now=now)
    return [_touch(touch) for touch in found]


async def let_wait(connection: Connection, people: Sequence[str], *, now: datetime) -> None:
    """Put off what these people have due beyond `AT_ONCE`: a hundred more each few seconds."""
    if people:
        await _SQL.let_wait(connection, people=people, at_once=AT_ONCE, pause=_PAUSE, now=now)


async def find_touch(connection: Connection, touch_id: UUID) -> Touch | None:
    """Return one touch, whatever became of it."""
    row = await _SQL.find_touch(connection, touch_id=touch_id)
    return _touch(row) if row is not None else None


async def list_touches_of(connection: Connection, person_id: str) -> list[Touch]:
    """Return every touch of a person in the order they were planned for."""
    return [_touch(row) for row in await _SQL.list_touches_of(connection, person_id=person_id)]


class Postponement(Struct, frozen=True):
    """A touch to be tried again at `due_at`; `until` is the instant the policy named, if any."""

    touch_id: UUID
    due_at: datetime
    reason: str
    until: datetime | None
    policy: str


async def defer_touches(connection: Connection, deferred: Sequence[Postponement], *, now: datetime) -> None:
    """Put these off: the plan stands, and they are decided again at `due_at`."""
    if deferred:
        await _SQL.defer_touches(
            connection,
            ids=[postponement.touch_id for postponement in deferred],
            dues=[postponement.due_at for postponement in deferred],
            reasons=[postponement.reason for postponement in deferred],
            untils=[postponement.until for postponement in deferred],
            policies=[postponement.policy for postponement in deferred],
            now=now,
        )


async def park_touches(connection: Connection, parked: Sequence[Postponement], *, now: datetime) -> None:
    """Let these wait for a fact; they are looked at again at `due_at` all the same."""
    if parked:
        await _SQL.park_touches(
            connection,
            ids=[postponement.touch_id for postponement in parked],
            dues=[postponement.due_at for postponement in parked],
            reasons=[postponement.reason for postponement in parked],
            policies=[postponement.policy for postponement in parked],
            now=now,
        )


async def close_touches(
    connection: Connection, closed: Sequence[tuple[UUID, TouchStatus, str]], *, policy: str, now: datetime
) -> None:
    """Close these for good, with the reason."""
    if closed:
        await _SQL.close_touches(
            connection,
            ids=[touch[0] for touch in closed],
            statuses=[touch[1] for touch in closed],
            reasons=[touch[2] for touch in closed],
            policy=policy,
            now=now,
        )


async def begin_sending(
    connection: Connection, begun: Sequence[tuple[UUID, UUID, Channel]], *, policy: str, now: datetime
) -> None:
    """Bind touches to attempts, given as (touch, attempt, channel)."""
    if begun:
        await _SQL.begin_sending(
            connection,
            ids=[touch[0] for touch in begun],
            attempts=[touch[1] for touch in begun],
            channels=[touch[2] for touch in begun],
            policy=policy,
            now=now,
        )


async def return_touches(
    connection: Connection, returned: Mapping[UUID, tuple[datetime, str]], *, now: datetime
) -> set[str]:
    """Put the touches of these attempts back: due when, and why. Return whose they are.

    The plan may have given them up while they were being sent, so it is to be made anew.
    """
    if not returned:
        return set()
    found = await _SQL.return_touches(
        connection,
        attempts=list(returned),
        dues=[outcome[0] for outcome in returned.values()],
        reasons=[outcome[1] for outcome in returned.values()],
        now=now,
    )
    return {row["person_id"] for row in found}


async def advance_touches(
    connection: Connection, advanced: Mapping[UUID, tuple[TouchStatus, str | None]], *, now: datetime
) -> list[TouchProgress]:
    """Move the touches of these attempts on, only upwards by rank; return those that moved."""
    if not advanced:
        return []
    found = await _SQL.advance_touches(
        connection,
        attempts=list(advanced),
        statuses=[outcome[0] for outcome in advanced.values()],
        reasons=[outcome[1] for outcome in advanced.values()],
        now=now,
    )
    return [_advanced(row) for row in found]


async def remember_touches(connection: Connection, told: Sequence[RememberedTouch]) -> set[str]:
    """Put back what became of these touches where less is known; return whose are other than they were."""
    if not told:
        return set()
    return {row["person_id"] for row in await _SQL.remember_touches(connection, told=told)}


async def wake_dispatch(connection: Connection) -> None:
    """Have dispatch look as soon as this transaction commits."""
    await _SQL.wake_dispatch(connection)


async def find_next_due(connection: Connection) -> datetime | None:
    """Return when the next touch is due, if any is planned."""
    due: datetime | None = await _SQL.find_next_due(connection)
    return due


def _advanced(row: asyncpg.Record) -> TouchProgress:
    return TouchProgress(
        touch_id=row["touch_id"],
        person_id=row["person_id"],
        attempt_id=row["attempt_id"],
        debt_id=row["debt_id"],
        play=row["play"],
        purpose=row["purpose"],
        channel=row["channel"],
        status=TouchStatus(row["status"]),
        reason=row["reason"],
        policy=row["policy"],
        occasion=row["occasion"],
        wording=row["wording"],
        creditor=row["creditor"],
        role=row["role"],
        in_reply_to=row["in_reply_to"],
        address_digest=row["address_digest"],
    )


def _touch(row: asyncpg.Record) -> Touch:
    return msgspec.convert(dict(row) | {"details": msgspec.json.decode(row["details"])}, Touch)


#: Why a permitted touch was withheld, as `sending.claim_context` says it.
_DRY_RUN = "dry_run"


class DryRun(Struct, frozen=True, kw_only=True):
    """A message that would have gone out `at` an instant, had its play not been in dry run."""

    touch_id: UUID
    person_id: str
    debt_id: str
    creditor: str
    portfolio: str | None
    play: str
    wording: str
    channel: str | None
    at: datetime


async def list_dry_runs(connection: Connection, *, play: str | None, since: datetime) -> Sequence[DryRun]:
    """Return what a dry run kept from going out since then, oldest first."""
    return [
        DryRun(**row) for row in await _SQL.list_dry_runs(connection, reason=_DRY_RUN, play=play, since=since)
    ]
