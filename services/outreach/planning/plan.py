"""Planning is reconciliation: what the playbook desires is compared with what is planned.

That is how a payment cancels reminders in the transaction that records it, and how a new playbook takes hold.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from foundation import outbox
from foundation.database import Connection
from outreach.announcing import touches as announce
from outreach.model.debt import Debt
from outreach.model.playbook import Ending, Occasion, Playbook
from outreach.model.snapshot import parse_snapshot
from outreach.model.touch import DesiredTouch, FinishedTouch, TouchStatus, UnsentTouch
from outreach.model.words import ScheduleReason
from outreach.planning.desire import Past, desired_touches
from outreach.planning.whereabouts import NOWHERE, Whereabouts, whereabouts_of
from outreach.store import ledger, touches
from outreach.store import people as store_people


async def plan_debts(
    connection: Connection, debts: Iterable[Debt], *, playbook: Playbook, now: datetime
) -> None:
    """Make the plan of these debts what the playbook desires; other debts of the same people keep theirs.

    The caller holds the people's locks. Doing it again changes nothing.
    """
    by_person: defaultdict[str, dict[str, Debt]] = defaultdict(dict)
    for debt in debts:
        by_person[debt.person_id][debt.debt_id] = debt
    if not by_person:
        return
    people = sorted(by_person)
    pasts = await read_pasts(connection, people, playbook=playbook)
    touches_desired = [
        touch
        for person in people
        for touch in desired_touches(
            by_person[person].values(), playbook=playbook, past=pasts[person], now=now
        )
    ]
    unsent = [
        touch
        for touch in await touches.read_unsent(connection, people)
        if touch.debt_id in by_person[touch.person_id]
    ]
    await _reconcile(connection, touches_desired, unsent=unsent, now=now)


async def read_pasts(connection: Connection, people: Sequence[str], *, playbook: Playbook) -> dict[str, Past]:
    """Return what planning by this playbook must remember of each of these people."""
    plays = [play.name for play in playbook.plays.values() if play.repeat or play.fallback]
    listens = any(
        play.on is Occasion.DEBT_QUIET or Ending.REPLY in play.ends_on for play in playbook.plays.values()
    )
    done: dict[str, dict[tuple[str, str, str], FinishedTouch]] = {person: {} for person in people}
    if plays:
        for touch in await touches.read_done(connection, people, plays=plays):
            done[touch.person_id][touch.debt_id, touch.play, touch.occasion] = touch
    heard = await ledger.read_last_heard(connection, people) if listens or plays else {}
    snapshots = await store_people.read_snapshots(connection, people)
    return {
        person: Past(
            done=done[person],
            last_heard=heard.get(person),
            whereabouts=_whereabouts_of(snapshots.get(person)),
        )
        for person in people
    }


def _whereabouts_of(snapshot: str | None) -> Whereabouts:
    return NOWHERE if snapshot is None else whereabouts_of(parse_snapshot(snapshot))


async def _reconcile(
    connection: Connection,
    touches_desired: Sequence[DesiredTouch],
    *,
    unsent: Sequence[UnsentTouch],
    now: datetime,
) -> None:
    existing = {touch.touch_id: touch for touch in unsent}
    desired = {touch.touch_id: touch for touch in touches_desired}
    moved = {
        touch_id: touch
        for touch_id, touch in desired.items()
        if touch_id in existing and _differs(existing[touch_id], touch)
    }
    given_up = [
        touch.touch_id
        for touch in unsent
        if touch.touch_id not in desired
        and touch.status is not TouchStatus.SENDING
        # What is past its time is left to the next claim, which says so.
        and touch.expires_at > now
    ]
    new = [touch for touch_id, touch in desired.items() if touch_id not in existing]
    planned = await touches.plan_touches(connection, new, now=now)
    await touches.move_touches(connection, list(moved.values()), now=now)
    cancelled = await touches.cancel_touches(
        connection, given_up, reason=ScheduleReason.NO_LONGER_WANTED, now=now
    )
    changed = planned | moved.keys()
    news = [announce.planned(touch, now=now) for touch_id, touch in desired.items() if touch_id in changed]
    news += [
        announce.cancelled(touch, reason=ScheduleReason.NO_LONGER_WANTED, now=now)
        for touch in unsent
        if touch.touch_id in cancelled
    ]
    await outbox.append(connection, news, source=announce.SOURCE)


def _differs(stored: UnsentTouch, desired: DesiredTouch) -> bool:
    return stored.status is not TouchStatus.SENDING and (
        (stored.planned_for, stored.expires_at) != (desired.due_at, desired.expires_at)
        or (stored.purpose, stored.wording, tuple(stored.channels), stored.role)
        != (desired.purpose, desired.wording, desired.channels, desired.role)
        or (stored.creditor, stored.portfolio) != (desired.creditor, desired.portfolio)
        or (stored.priority, stored.patience, stored.fallback)
        != (desired.priority, desired.patience, desired.fallback)
        or msgspec.json.decode(stored.details) != desired.details
    )
