"""What other systems hear of a touch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from foundation.outbox import OutgoingEvent
from outreach.announcing.event import outgoing
from outreach.model.touch import DesiredTouch, Touch, TouchProgress, TouchStatus, UnsentTouch
from outreach.model.words import Channel, Purpose

#: The `source` of everything that outreach publishes.
SOURCE = "outreach"


#: Readers of v1 know no word for an answer by a human; for them it is what it is to the person: a reply.
_ON_THE_WIRE: Final[Mapping[str, Purpose]] = {Purpose.HUMAN_REPLY: Purpose.CONVERSATION_REPLY}


def planned(wanted: DesiredTouch, *, now: datetime) -> OutgoingEvent:
    """Announce a touch that was planned, or planned anew."""
    return _touch("planned", wanted, now=now, due_at=wanted.due_at)


def cancelled(touch: Touch | TouchProgress | UnsentTouch, *, reason: str, now: datetime) -> OutgoingEvent:
    """Announce a touch that will not be made, because what it was for no longer holds."""
    return _touch("cancelled", touch, now=now, reasons=(reason,))


def deferred(
    touch: Touch, *, until: datetime, reasons: Sequence[str], channel: Channel, policy: str, now: datetime
) -> OutgoingEvent:
    """Announce that a touch may not go out before `until`."""
    return _touch(
        "deferred",
        touch,
        now=now,
        channel=channel,
        policy_version=policy,
        until=until,
        reasons=tuple(reasons),
    )


def suppressed(
    touch: Touch, *, final: bool, reasons: Sequence[str], channel: Channel | None, policy: str, now: datetime
) -> OutgoingEvent:
    """Announce that a touch may not go out: for good, or until a fact changes."""
    return _touch(
        "suppressed",
        touch,
        now=now,
        channel=channel,
        policy_version=policy,
        final=final,
        reasons=tuple(reasons),
    )


def expired(touch: Touch, *, policy: str, now: datetime) -> OutgoingEvent:
    """Announce a touch that came too late for its purpose."""
    return _touch("expired", touch, now=now, policy_version=policy, reasons=("expired",))


#: The states of an attempt that are announced.
_ATTEMPTED = frozenset(
    {
        TouchStatus.ACCEPTED,
        TouchStatus.REFUSED,
        TouchStatus.DELIVERED,
        TouchStatus.UNDELIVERED,
        TouchStatus.UNKNOWN,
    }
)


def attempted(
    touch: TouchProgress, *, code: str | None, segments: int | None, now: datetime
) -> OutgoingEvent:
    """Announce what became of the provider call."""
    if touch.status not in _ATTEMPTED:
        raise ValueError(f"{touch.status} is not what becomes of a call")
    fields: dict[str, Any] = {
        "channel": touch.channel,
        "attempt_id": str(touch.attempt_id),
        "policy_version": touch.policy,
        "segments": segments,
        "address_digest": touch.address_digest,
    }
    if touch.status in (TouchStatus.REFUSED, TouchStatus.UNDELIVERED):
        fields["code"] = code
    return _touch(touch.status, touch, now=now, **fields)


def _touch(
    kind: str, touch: DesiredTouch | Touch | TouchProgress | UnsentTouch, *, now: datetime, **fields: Any
) -> OutgoingEvent:
    return outgoing(
        f"touch.{kind}.v1",
        key=touch.person_id,
        now=now,
        person_id=touch.person_id,
        touch_id=str(touch.touch_id),
        debts=(touch.debt_id,) if touch.debt_id else (),
        play=touch.play,
        purpose=_ON_THE_WIRE.get(touch.purpose, touch.purpose),
        occasion=touch.occasion,
        wording=touch.wording,
        # An answer to somebody who owes nothing is in nobody's name.
        creditor=touch.creditor or None,
        role=touch.role,
        in_reply_to=touch.in_reply_to,
        **fields,
    )
