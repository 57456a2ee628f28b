"""What another playbook would plan for the same people: what appears, vanishes, moves or differs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final

from outreach.model.debt import Debt
from outreach.model.playbook import Play, Playbook
from outreach.model.touch import DesiredTouch
from outreach.planning.desire import Past, desired_touches

#: Of each change, by play and reason; more are not read.
EXAMPLES: Final = 2
_Key = tuple[str, str, str, str]


class PlanChange(StrEnum):
    """What becomes of a touch under the other playbook."""

    SAME = "same"
    APPEARS = "appears"
    VANISHES = "vanishes"
    LATER = "later"
    SOONER = "sooner"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLife:
    """One person at a moment: what is owed, and what planning by either playbook must remember.

    `done` are the touches that are over; nothing changes them.
    """

    person_id: str
    debts: tuple[Debt, ...]
    past_before: Past
    past_after: Past
    now: datetime
    done: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanExample:
    """A touch that changes, as it is planned by either playbook."""

    change: PlanChange
    reason: str
    before: DesiredTouch | None
    after: DesiredTouch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """How many touches change, by change, play and reason, with examples of each."""

    people: int
    counts: Mapping[tuple[PlanChange, str, str], int]
    examples: Mapping[tuple[PlanChange, str, str], Sequence[PlanExample]]


def compare_plans(before: Playbook, after: Playbook, lives: Iterable[PlannedLife]) -> PlanDifference:
    """Plan everybody by both playbooks, and count what becomes of each touch."""
    people: set[str] = set()
    counts: Counter[tuple[PlanChange, str, str]] = Counter()
    examples: defaultdict[tuple[PlanChange, str, str], list[PlanExample]] = defaultdict(list)
    seen: dict[_Key, PlanExample] = {}
    for life in lives:
        people.add(life.person_id)
        old = _planned(before, life, past=life.past_before)
        new = _planned(after, life, past=life.past_after)
        for key in old.keys() | new.keys():
            seen[key] = _example(old.get(key), new.get(key), before=before, after=after)
    for (_, _, play, _), example in sorted(seen.items()):
        counted = (example.change, play, example.reason)
        counts[counted] += 1
        if example.change is not PlanChange.SAME and len(examples[counted]) < EXAMPLES:
            examples[counted].append(example)
    return PlanDifference(people=len(people), counts=counts, examples=examples)


def changed_keys(before: Play, after: Play) -> tuple[str, ...]:
    """Return the keys of playbook.yaml in which two plays of one name differ."""
    return tuple(
        part.name for part in fields(Play) if getattr(before, part.name) != getattr(after, part.name)
    )


def _planned(playbook: Playbook, life: PlannedLife, *, past: Past) -> dict[_Key, DesiredTouch]:
    touches = desired_touches(life.debts, playbook=playbook, past=past, now=life.now)
    return {
        (life.person_id, touch.debt_id, touch.play, touch.occasion): touch
        for touch in touches
        if (touch.debt_id, touch.play, touch.occasion) not in life.done
    }


def _example(
    old: DesiredTouch | None, new: DesiredTouch | None, *, before: Playbook, after: Playbook
) -> PlanExample:
    change = _change(old, new)
    touch = old or new
    assert touch is not None
    return PlanExample(
        change=change,
        reason="" if change is PlanChange.SAME else _reason(touch.play, before, after),
        before=old,
        after=new,
    )


def _change(old: DesiredTouch | None, new: DesiredTouch | None) -> PlanChange:
    if old is None:
        return PlanChange.APPEARS
    if new is None:
        return PlanChange.VANISHES
    if new.due_at != old.due_at:
        return PlanChange.LATER if new.due_at > old.due_at else PlanChange.SOONER
    return PlanChange.SAME if _said(old) == _said(new) else PlanChange.OTHERWISE


def _said(touch: DesiredTouch) -> tuple[object, ...]:
    """Return all of a touch but when it is due, as far as anybody would notice."""
    return (
        touch.purpose, touch.wording, touch.channels, touch.priority,
        touch.patience, touch.fallback, touch.expires_at,
    )  # fmt: skip


def _reason(play: str, before: Playbook, after: Playbook) -> str:
    """Say what in the playbook makes the difference."""
    old, new = before.plays.get(play), after.plays.get(play)
    if old is None:
        return "a new play"
    if new is None:
        return "the play is gone"
    return ", ".join(changed_keys(old, new)) or "what other plays did before"


def counted(difference: PlanDifference, change: PlanChange) -> Iterator[tuple[str, str, int]]:
    """Yield play, reason and number of touches with this change, most of them first."""
    found = [(count, play, reason) for (of, play, reason), count in difference.counts.items() if of is change]
    for count, play, reason in sorted(found, key=lambda row: (-row[0], row[1], row[2])):
        yield play, reason, count
