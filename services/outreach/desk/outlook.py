"""When what is planned can go, as things are known now, and on what condition. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from outreach.desk.ask import WhatIf
from outreach.model.decision import Defer, Send, Suppress
from outreach.model.touch import TouchStatus
from outreach.model.words import Channel
from outreach.policy.explanation import Answer, Verdict


def outlooks_of(answers: Sequence[WhatIf]) -> dict[UUID, tuple[str, ...]]:
    """Return in a few lines when each of these can go; of those that were decided, on what condition."""
    by_touch: dict[UUID, list[WhatIf]] = {}
    for answer in answers:
        by_touch.setdefault(answer.touch.touch_id, []).append(answer)
    return {touch_id: tuple(_outlook(asked)) for touch_id, asked in by_touch.items()}


def _outlook(asked: Sequence[WhatIf]) -> list[str]:
    touch = asked[0].touch
    lines = [] if touch.status is not TouchStatus.PLANNED or touch.until is not None else [_when(asked)]
    if touch.status is TouchStatus.PLANNED:
        lines += _holds(asked)
    if (due_on := _due_on(touch.details)) is not None:
        lines.append(f"only if what is due on {due_on} is not paid by then")
    return lines


def _when(asked: Sequence[WhatIf]) -> str:
    opens: dict[Channel, datetime] = {}
    reasons: dict[str, None] = {}
    for answer in asked:
        match answer.explanation.decision:
            case Send():
                opens[answer.channel] = answer.explanation.at
            case Defer(until=until, reasons=said) if until >= answer.touch.expires_at:
                reasons |= dict.fromkeys([*said, "it expires before"])
            case Defer(until=until):
                opens[answer.channel] = until
            case Suppress(reasons=said):
                reasons |= dict.fromkeys(said)
    if opens:
        channel = min(opens, key=lambda name: opens[name])
        return f"can go from {opens[channel]:%Y-%m-%d %H:%M}Z by {channel}, as things are"
    return f"will not go, as things are: {', '.join(reasons)}"


def _holds(asked: Sequence[WhatIf]) -> list[str]:
    """Return each rule that holds a touch back and until when, the last one to let go first.

    They are those of the channel that opens first: what holds the other one longer holds nothing back.
    """
    deferred = [answer for answer in asked if isinstance(answer.explanation.decision, Defer)]
    if len(deferred) < len(asked) or not deferred:
        return []
    first = min(deferred, key=_opens)
    holding = [
        held for held in first.explanation.answers if held.verdict is Verdict.DEFER and not held.shadow
    ]
    return [_held_by(held) for held in sorted(holding, key=_lets_go, reverse=True)]


def _opens(answer: WhatIf) -> datetime:
    decision = answer.explanation.decision
    assert isinstance(decision, Defer)
    return decision.until


def _lets_go(held: Answer) -> tuple[bool, datetime, str]:
    return held.until is None, held.until or datetime.max.replace(tzinfo=UTC), held.rule


def _held_by(held: Answer) -> str:
    until = "no end in sight" if held.until is None else f"until {held.until:%Y-%m-%d %H:%M}Z"
    return f"held by {held.rule} ({', '.join(held.reasons)}), {until}"


def _due_on(details: Mapping[str, Any]) -> str | None:
    """Return the day of what a reminder reminds of: money that may come before it goes."""
    for name in ("instalment", "promise"):
        if isinstance(part := details.get(name), Mapping) and part.get("due_on") is not None:
            return str(part["due_on"])
    return None
