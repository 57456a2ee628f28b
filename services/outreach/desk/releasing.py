"""Hand a person back to automation: a human says what the last answer was, and what follows is recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import replies as announce_replies
from outreach.announcing import suppressions as announce_suppressions
from outreach.announcing import touches as announce
from outreach.model.snapshot import parse_snapshot
from outreach.model.suppression import Suppression
from outreach.model.words import Channel, HoldKind
from outreach.planning.names import wait_of_names
from outreach.store import hand_offs, people, suppressions
from outreach.store.changes import people_changed
from outreach.store.digests import digest_nobodys
from outreach.store.hand_offs import WaitingReply
from schemas.addresses import comparable
from schemas.replies import HumanHold

#: What only replies, receipts and addresses bring about; a human who means it says so with another decision.
NO_HOLDS: Final = frozenset({HoldKind.WITH_HUMAN, HoldKind.UNREACHABLE, HoldKind.WRONG_PARTY})


class Decided(StrEnum):
    """What a human took an answer for."""

    STOP_THIS = "stop_this"
    STOP_ALL = "stop_all"
    WRONG_PERSON = "wrong_person"
    HOLD = "hold"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a human decided, who did, and why.

    `hold` and `lasts` are of `Decided.HOLD`; without `lasts` it stands until somebody lifts it.
    """

    decided: Decided
    actor: Actor
    why: str | None = None
    hold: HoldKind | None = None
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What handing back came to: the replies that waited, and how many waits ended."""

    replies: Sequence[str]
    ended: int


async def release_person(subject: str, decision: Decision, *, database: Database, clock: Clock) -> Release:
    """End the wait that a person's replies caused, and record what a human took the last of them for.

    What it was binds in the transaction that ends the wait, so that nothing goes out in between. `subject` is
    a person's id, or a reply's where nobody knows whose it is.
    """
    now, by = clock.now(), str(decision.actor)
    async with database.transaction() as connection:
        waiting = await hand_offs.list_waiting(connection, person=subject)
        last = max(waiting, key=lambda reply: reply.received_at, default=None)
        concerned = await _lock_everybody(connection, subject, last, decision)
        closed = list(_closings(subject, last, decision, concerned=concerned, now=now)) if last else []
        await suppressions.record_suppressions(connection, closed, origin="staff", by=by, now=now)
        replies = await hand_offs.end_hand_offs(
            connection, subject, decided=decision.decided, by=by, why=decision.why, now=now
        )
        await _keep_wait_of_names(connection, subject, now=now)
        lifted = await _end_waits(connection, subject, by=by, now=now)
        shown = [one for one in closed if one.kind in {"opted_out", HoldKind.WRONG_PARTY}]
        digests = await digest_nobodys(connection, shown)
        events = announce_suppressions.closed(shown, digests=digests, origin="reply", now=now)
        if replies and any(reply.person_id is not None for reply in waiting):
            events.append(
                announce_replies.human_done(
                    subject,
                    replies=replies,
                    decided=decision.decided,
                    by=by,
                    hold=_hold_told(closed),
                    now=now,
                )
            )
        await outbox.append(connection, events, source=announce.SOURCE)
        if replies or lifted:
            await acts.record(
                connection,
                decision.actor,
                f"release: {decision.decided}",
                subject=subject,
                reason=decision.why,
                now=now,
            )
            await people_changed(connection, concerned, now=now, wake=True)
    return Release(replies=replies, ended=len(lifted))


async def _lock_everybody(
    connection: Connection, subject: str, last: WaitingReply | None, decision: Decision
) -> list[str]:
    """Lock whoever the decision binds; a wrong number is wrong for all who have it."""
    everybody = {subject}
    if last is not None and decision.decided is Decided.WRONG_PERSON:
        everybody |= set(await people.list_people_at(connection, [comparable(last.address)]))
    return await people.lock_people(connection, everybody)


async def _keep_wait_of_names(connection: Connection, subject: str, *, now: datetime) -> None:
    """Record the wait that names begin of a snapshot which an earlier release kept, so that it can end."""
    kept = await people.read_snapshots(connection, [subject])
    names = parse_snapshot(kept[subject]).names if subject in kept else None
    wait = None if names is None else wait_of_names(subject, (names.given, names.family, names.full))
    if wait is not None:
        held = Suppression.with_human(wait, person_id=subject, at=now)
        await suppressions.record_suppressions(connection, [held], origin=suppressions.OF_NAMES, now=now)


async def _end_waits(connection: Connection, subject: str, *, by: str, now: datetime) -> list[Suppression]:
    bound = await suppressions.read_suppressions(connection, [subject])
    waits = [
        suppression.suppression_id
        for suppression in bound.get(subject, ())
        if suppression.kind == HoldKind.WITH_HUMAN
    ]
    return await suppressions.lift_suppressions(connection, waits, by=by, now=now)


def _closings(
    subject: str, last: WaitingReply, decision: Decision, *, concerned: Sequence[str], now: datetime
) -> Iterator[Suppression]:
    """Yield what the decision binds from now on."""
    address, person = comparable(last.address), last.person_id
    name = f"{last.reply_id}:{person or 'nobody'}:staff"
    match decision.decided:
        case Decided.STOP_THIS:
            yield Suppression.opt_out(
                f"{name}:{last.channel}", person_id=person, address=address, channel=last.channel, at=now
            )
        case Decided.STOP_ALL:
            for channel in Channel:
                at_address = address if channel is last.channel else None
                if person is not None or at_address is not None:
                    yield Suppression.opt_out(
                        f"{name}:{channel}", person_id=person, address=at_address, channel=channel, at=now
                    )
        case Decided.WRONG_PERSON:
            bound: Sequence[str | None] = concerned or [None]
            for somebody in bound:
                yield Suppression.wrong_party(
                    f"{last.reply_id}:{somebody or 'nobody'}:staff:wrong_party",
                    person_id=somebody,
                    address=address,
                    channel=last.channel,
                    at=now,
                )
        case Decided.HOLD if person is not None and decision.hold is not None:
            yield Suppression(
                suppression_id=f"hold-{last.reply_id}-{person}",
                person_id=subject,
                address=None,
                channel=None,
                kind=decision.hold,
                at=now,
                until=now + decision.lasts if decision.lasts is not None else None,
            )


def _hold_told(closed: Sequence[Suppression]) -> HumanHold | None:
    holds = [suppression for suppression in closed if suppression.suppression_id.startswith("hold-")]
    return next(
        (
            HumanHold.model_validate(
                {"hold_id": hold.suppression_id, "kind": str(hold.kind), "until": hold.until}
                if hold.until is not None
                else {"hold_id": hold.suppression_id, "kind": str(hold.kind)}
            )
            for hold in holds
        ),
        None,
    )
