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
from outreach.model.touch import DesiredTouch, TouchStatus
from outreach.planning.desire import Past, TouchResult, desired_touches
from outreach.store import ledger, touches
from outreach.store.touches import NO_LONGER_WANTED, UnsentTouch

#: Touches that other steps plan (answers to the person). They are about no debt, so planning never sees them.
ANSWERS = "answer"


async def plan_debts(
    connection: Connection, debts: Iterable[Debt], *, playbook: Playbook, now: datetime
) -> None:
    """Make the plan of these debts what the playbook desires; other debts of the same people keep theirs.

    The caller holds the people's locks. Doing it again changes nothing.
    """
    by_person: defaultdict[str, dict[str, Debt]] = defaultdict(dict)
    for each in debts:
        by_person[each.person_id][each.debt_id] = each
    if not by_person:
        return
    people = sorted(by_person)
    pasts = await _read_pasts(connection, people, playbook)
    wanted = [
        touch
        for person in people
        for touch in desired_touches(
            by_person[person].values(), playbook=playbook, past=pasts[person], now=now
        )
    ]
    unsent = [
        each
        for each in await touches.read_unsent(connection, people)
        if each.debt_id in by_person[each.person_id]
    ]
    await _reconcile(connection, wanted, unsent, now=now)


async def _read_pasts(connection: Connection, people: Sequence[str], playbook: Playbook) -> dict[str, Past]:
    plays = [each.name for each in playbook.plays.values() if each.repeat or each.fallback]
    listens = any(
        each.on is Occasion.DEBT_QUIET or Ending.REPLY in each.ends_on for each in playbook.plays.values()
    )
    done: dict[str, dict[tuple[str, str, str], TouchResult]] = {each: {} for each in people}
    if plays:
        for each in await touches.read_done(connection, people, plays=plays):
            key = (each.debt_id, each.play, each.occasion)
            done[each.person_id][key] = TouchResult(each.status, each.channel, each.changed_at)
    heard = await ledger.read_last_heard(connection, people) if listens or plays else {}
    return {each: Past(done=done[each], last_heard=heard.get(each)) for each in people}


async def _reconcile(
    connection: Connection, wanted: Sequence[DesiredTouch], unsent: Sequence[UnsentTouch], *, now: datetime
) -> None:
    existing = {each.touch_id: each for each in unsent}
    desired = {each.touch_id: each for each in wanted}
    moved = {
        touch_id: each
        for touch_id, each in desired.items()
        if touch_id in existing and _differs(existing[touch_id], each)
    }
    given_up = [
        each.touch_id
        for each in unsent
        if each.touch_id not in desired
        and each.status is not TouchStatus.SENDING
        # What is past its time is left to the next claim, which says so.
        and each.expires_at > now
    ]
    new = [each for touch_id, each in desired.items() if touch_id not in existing]
    planned = await touches.plan_touches(connection, new, now=now)
    await touches.move_touches(connection, list(moved.values()), now=now)
    cancelled = await touches.cancel_touches(connection, given_up, reason=NO_LONGER_WANTED, now=now)
    changed = planned | moved.keys()
    news = [announce.planned(each, now=now) for touch_id, each in desired.items() if touch_id in changed]
    news += [
        announce.cancelled(each, reason=NO_LONGER_WANTED, now=now)
        for each in unsent
        if each.touch_id in cancelled
    ]
    await outbox.append(connection, news, source=announce.SOURCE)


def _differs(stored: UnsentTouch, wanted: DesiredTouch) -> bool:
    return stored.status is not TouchStatus.SENDING and (
        (stored.planned_for, stored.expires_at) != (wanted.due_at, wanted.expires_at)
        or (stored.purpose, stored.wording, tuple(stored.channels), stored.role)
        != (wanted.purpose, wanted.wording, wanted.channels, wanted.role)
        or (stored.creditor, stored.portfolio) != (wanted.creditor, wanted.portfolio)
        or (stored.priority, stored.patience, stored.fallback)
        != (wanted.priority, wanted.patience, wanted.fallback)
        or msgspec.json.decode(stored.details) != wanted.details
    )
