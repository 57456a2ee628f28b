"""What hourly caps leave of a claim. Pure; one claim counts what it begins itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from outreach.model.flow import HOUR, Begun, FlowCaps, FullHour, full_hour
from outreach.model.playbook import ANSWERS
from outreach.model.touch import Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The room under each cap while a claim is decided.

    `begun` was counted under the caps' locks, which the claim holds until it ends; `added` is what it begins;
    `queued` is how many touches it put off under each, so that the next one comes later.
    """

    caps: FlowCaps
    now: datetime
    begun: Mapping[str, Sequence[Begun]] = field(default_factory=dict)
    added: Counter[str] = field(default_factory=Counter)
    queued: Counter[str] = field(default_factory=Counter)

    def full(self, touch: Touch) -> FullHour | None:
        """Return the cap that leaves a touch no room, the one that is full longest; else None."""
        full = [
            found
            for name, most in caps_over(touch, self.caps).items()
            if (
                found := full_hour(name, most, self.begun.get(name, ()), added=self.added[name], now=self.now)
            )
        ]
        return max(full, key=lambda one: one.until, default=None)

    def add(self, touch: Touch) -> None:
        """Count a message that is begun; what goes along in it is not counted again."""
        self.added.update(caps_over(touch, self.caps).keys())

    def queue(self, full: FullHour) -> datetime:
        """Return when a touch without room is tried again: one after the other, as the cap lets them by."""
        place = self.queued[full.name]
        self.queued[full.name] += 1
        return full.until + min(place * HOUR / full.most, timedelta(days=1))


def caps_over(touch: Touch, caps: FlowCaps) -> Mapping[str, int]:
    """Return the caps that a touch falls under. What a person is answered is under none."""
    return {} if touch.play == ANSWERS else caps.over(creditor=touch.creditor, play=touch.play)
