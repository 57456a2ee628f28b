"""What other systems hear of a touch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from foundation.outbox import OutgoingEvent
from outreach.model.touch import DesiredTouch, Touch, TouchStatus
from outreach.model.words import Channel
from outreach.store.touches import TouchProgress, UnsentTouch
from schemas import topics

#: The `source` of everything that outreach publishes.
SOURCE = "outreach"


def planned(wanted: DesiredTouch, *, now: datetime) -> OutgoingEvent:
    """Announce a touch that was planned, or planned anew."""
    return _touch(
        "planned",
        person_id=wanted.person_id,
        now=now,
        data={
            "touch_id": str(wanted.touch_id),
            "debts": _debts(wanted.debt_id),
            "play": wanted.play,
            "purpose": wanted.purpose,
            "due_at": _instant(wanted.due_at),
        },
    )


def cancelled(touch: Touch | TouchProgress | UnsentTouch, *, reason: str, now: datetime) -> OutgoingEvent:
    """Announce a touch that will not be made, because what it was for no longer holds."""
    return _touch("cancelled", person_id=touch.person_id, now=now, data={**_what(touch), "reasons": [reason]})


def deferred(
    touch: Touch, *, until: datetime, reasons: Sequence[str], channel: Channel, policy: str, now: datetime
) -> OutgoingEvent:
    """Announce that a touch may not go out before `until`."""
    told = {"channel": channel, "policy_version": policy, "until": _instant(until), "reasons": list(reasons)}
    return _touch("deferred", person_id=touch.person_id, now=now, data={**_what(touch), **told})


def suppressed(
    touch: Touch, *, final: bool, reasons: Sequence[str], channel: Channel | None, policy: str, now: datetime
) -> OutgoingEvent:
    """Announce that a touch may not go out: for good, or until a fact changes."""
    told = {"channel": channel, "policy_version": policy, "final": final, "reasons": list(reasons)}
    return _touch("suppressed", person_id=touch.person_id, now=now, data={**_what(touch), **told})


def expired(touch: Touch, *, policy: str, now: datetime) -> OutgoingEvent:
    """Announce a touch that came too late for its purpose."""
    told = {"policy_version": policy, "reasons": ["expired"]}
    return _touch("expired", person_id=touch.person_id, now=now, data={**_what(touch), **told})


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
    told: dict[str, Any] = {
        "channel": touch.channel,
        "attempt_id": str(touch.attempt_id),
        "policy_version": touch.policy,
        "segments": segments,
    }
    if touch.status in (TouchStatus.REFUSED, TouchStatus.UNDELIVERED):
        told["code"] = code
    return _touch(touch.status, person_id=touch.person_id, now=now, data={**_what(touch), **told})


def _what(touch: Touch | TouchProgress | UnsentTouch) -> Mapping[str, Any]:
    return {
        "touch_id": str(touch.touch_id),
        "debts": _debts(touch.debt_id),
        "play": touch.play,
        "purpose": touch.purpose,
    }


def _touch(kind: str, *, person_id: str, now: datetime, data: Mapping[str, Any]) -> OutgoingEvent:
    told = {key: value for key, value in data.items() if value is not None}
    return OutgoingEvent(
        topic=topics.TOUCHES,
        key=person_id,
        type=f"touch.{kind}.v1",
        time=now,
        data={"person_id": person_id, **told},
    )


def _debts(debt_id: str) -> list[str]:
    return [debt_id] if debt_id else []


def _instant(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
