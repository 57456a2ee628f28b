"""What a change of playbook and wordings does, for people and for programs."""

import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Final

from outreach.guidance.files.folder import POLICY
from outreach.guidance.trying.folder_comparison import ChangedText, FolderDifference
from outreach.guidance.trying.plan_comparison import PlanChange, PlanDifference, PlanExample, counted
from outreach.model.touch import DesiredTouch

_NAMES: Final = {
    PlanChange.SAME: "stay as they are",
    PlanChange.APPEARS: "appear",
    PlanChange.VANISHES: "vanish",
    PlanChange.LATER: "move to later",
    PlanChange.SOONER: "move to sooner",
    PlanChange.OTHERWISE: "stay, and go out otherwise",
}
_COLUMN: Final = 48
_NOT_THERE: Final = "(not there)"


def playbook_diff_lines(folders: FolderDifference, plans: PlanDifference | None) -> Iterator[str]:
    """Yield what differs between two folders, whose touches change, and changed words side by side."""
    if not folders.files:
        yield "nothing changes: the files are the same"
        return
    yield f"changed: {', '.join(folders.files)}"
    for key in folders.keys:
        yield f"  {key.file} {key.path}: {_value(key.before)} → {_value(key.after)}"
    if not folders.keys and not folders.texts:
        yield "  only notes and spacing: whatever is sent is the same"
    if plans is None:
        yield "whose touches change is said with --stored (the debts in the database) or --events FILE"
    else:
        yield from _plan_lines(plans)
    for text in folders.texts:
        yield from _side_by_side(text)
    if POLICY in folders.files:
        yield "what the policy decides otherwise is said by `outreach policy diff`"


def playbook_diff_json(folders: FolderDifference, plans: PlanDifference | None) -> dict[str, Any]:
    """Return the same as JSON values."""
    return {
        "files": folders.files,
        "keys": folders.keys,
        "texts": folders.texts,
        "people": None if plans is None else plans.people,
        "touches": None
        if plans is None
        else [
            {
                "change": change,
                "play": play,
                "reason": reason,
                "count": count,
                "examples": [
                    _example_json(example) for example in plans.examples.get((change, play, reason), ())
                ],
            }
            for change in PlanChange
            for play, reason, count in counted(plans, change)
        ],
    }


def _plan_lines(plans: PlanDifference) -> Iterator[str]:
    people = f"{plans.people} {'person' if plans.people == 1 else 'people'}"
    yield f"{sum(plans.counts.values())} touches planned for {people} under either"
    for change in PlanChange:
        rows = list(counted(plans, change))
        if not rows:
            continue
        yield f"{sum(count for _, _, count in rows):>8}  {_NAMES[change]}"
        if change is PlanChange.SAME:
            continue
        for play, reason, count in rows:
            yield f"{count:>12}  {play}: {reason}"
            for example in plans.examples[change, play, reason]:
                yield f"              {_example_words(example)}"


def _example_words(example: PlanExample) -> str:
    touch = example.before or example.after
    assert touch is not None
    whose = f"{touch.person_id}, debt {touch.debt_id}, {touch.occasion}"
    return f"{whose}: {_touch_words(example.before)} → {_touch_words(example.after)}"


def _touch_words(touch: DesiredTouch | None) -> str:
    if touch is None:
        return "nothing"
    times = f"{touch.due_at:%Y-%m-%d %H:%M}Z, until {touch.expires_at:%Y-%m-%d %H:%M}Z"
    return f"{touch.wording} by {', '.join(touch.channels)} on {times}"


def _example_json(example: PlanExample) -> dict[str, Any]:
    touch = example.before or example.after
    assert touch is not None
    return {
        "person": touch.person_id,
        "debt": touch.debt_id,
        "occasion": touch.occasion,
        "before": None if example.before is None else _touch_words(example.before),
        "after": None if example.after is None else _touch_words(example.after),
    }


def _value(written: str | None) -> str:
    return _NOT_THERE if written is None else written


def _side_by_side(text: ChangedText) -> Iterator[str]:
    yield f"templates/{text.file}"
    rows = zip_longest(["before:", *_wrapped(text.before)], ["after:", *_wrapped(text.after)], fillvalue="")
    for left, right in rows:
        yield f"  {left:{_COLUMN}} | {right}".rstrip()


def _wrapped(text: str | None) -> list[str]:
    if text is None:
        return [_NOT_THERE]
    return [line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, _COLUMN) or [""]]
