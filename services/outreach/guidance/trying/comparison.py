"""Counts what a change of policy would do to situations that were decided before."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from outreach.model.decision import Decision, Defer, Send, Suppress
from outreach.policy.engine import decide
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation

_EXAMPLES: Final = 3


class Change(StrEnum):
    """What becomes of one message."""

    SAME = "same"
    LATER = "later"
    SOONER = "sooner"
    APPEARS = "appears"
    VANISHES = "vanishes"
    REASON = "same instant, other reasons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One message that changes. `number` counts the situations as they came, from 1."""

    number: int
    change: Change
    situation: Situation
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """The minute in which most messages would go out."""

    minute: datetime | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The difference between two policies over the same situations.

    `by_reason` and `by_play` count each kind of change; a reason is the first of the decision
    that holds the message back, a message that now goes out freely has the reason `send`.
    """

    total: int
    changes: Mapping[Change, int]
    by_reason: Mapping[tuple[Change, str], int]
    by_play: Mapping[tuple[Change, str], int]
    burst_before: Burst
    burst_after: Burst
    examples: tuple[Example, ...]


@dataclass(slots=True)
class Comparison:
    """Counts as situations come, so that any number of them fits; two counts can be added."""

    changes: Counter[Change] = field(default_factory=Counter)
    by_reason: Counter[tuple[Change, str]] = field(default_factory=Counter)
    by_play: Counter[tuple[Change, str]] = field(default_factory=Counter)
    before: Counter[datetime] = field(default_factory=Counter)
    after: Counter[datetime] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def see(self, number: int, situation: Situation, before: Decision, after: Decision) -> None:
        """Count one situation and what each policy says of it."""
        first, second = goes_out_at(situation, before), goes_out_at(situation, after)
        if first is not None:
            self.before[first.replace(second=0, microsecond=0)] += 1
        if second is not None:
            self.after[second.replace(second=0, microsecond=0)] += 1
        change = _change(first, second, before, after)
        self.changes[change] += 1
        if change is Change.SAME:
            return
        self.by_reason[
            change, _reason(after if second is None or change is not Change.SOONER else before)
        ] += 1
        self.by_play[change, situation.subject.play or "no play"] += 1
        if sum(example.change is change for example in self.examples) < _EXAMPLES:
            self.examples.append(
                Example(number=number, change=change, situation=situation, before=before, after=after)
            )

    def add(self, other: "Comparison") -> None:
        """Take in what another count saw."""
        self.changes += other.changes
        self.by_reason += other.by_reason
        self.by_play += other.by_play
        self.before += other.before
        self.after += other.after
        for example in sorted(other.examples, key=lambda example: example.number):
            if sum(kept.change is example.change for kept in self.examples) < _EXAMPLES:
                self.examples.append(example)

    def result(self) -> Diff:
        return Diff(
            total=self.changes.total(),
            changes=dict(self.changes),
            by_reason=dict(self.by_reason),
            by_play=dict(self.by_play),
            burst_before=_burst(self.before),
            burst_after=_burst(self.after),
            examples=tuple(sorted(self.examples, key=lambda example: example.number)),
        )


def diff(old: Policy, new: Policy, situations: Iterable[Situation]) -> Diff:
    """Decide every situation under both policies and count what changes; nothing is written or sent."""
    comparison = Comparison()
    for number, situation in enumerate(situations, 1):
        comparison.see(number, situation, decide(situation, old), decide(situation, new))
    return comparison.result()


def goes_out_at(situation: Situation, decision: Decision) -> datetime | None:
    """Return when a message would go out if nothing else changed, or None."""
    match decision:
        case Send():
            return situation.now
        case Defer(until, _):
            return until
        case Suppress():
            return None


def _change(first: datetime | None, second: datetime | None, before: Decision, after: Decision) -> Change:
    if first is None and second is None:
        return Change.SAME if _reasons(before) == _reasons(after) else Change.REASON
    if first is None:
        return Change.APPEARS
    if second is None:
        return Change.VANISHES
    if first == second:
        return Change.SAME if _reasons(before) == _reasons(after) else Change.REASON
    return Change.LATER if second > first else Change.SOONER


def _reasons(decision: Decision) -> tuple[str, ...]:
    return () if isinstance(decision, Send) else decision.reasons


def _reason(decision: Decision) -> str:
    return next(iter(_reasons(decision)), "send")


def _by_count(minute: tuple[datetime, int]) -> tuple[int, float]:
    begins, count = minute
    return count, -begins.timestamp()


def _burst(minutes: Counter[datetime]) -> Burst:
    minute, count = max(minutes.items(), key=_by_count, default=(None, 0))
    return Burst(minute=minute, count=count)
