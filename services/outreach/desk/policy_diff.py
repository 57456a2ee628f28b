"""What a change of policy does to messages decided before, for people and for programs."""

from collections.abc import Iterator
from typing import Any, Final

from outreach.guidance.trying.comparison import Burst, Change, Diff, Example
from outreach.model.decision import decision_words
from outreach.policy.recorded import render_situation

_NAMES: Final = {
    Change.SAME: "stay as they are",
    Change.LATER: "go out later",
    Change.SOONER: "go out sooner",
    Change.APPEARS: "appear: they were suppressed",
    Change.VANISHES: "vanish: they would be suppressed",
    Change.REASON: "wait as long, for other reasons",
}


def changes_something(difference: Diff) -> bool:
    """Say whether any message is decided otherwise."""
    return difference.total != difference.changes.get(Change.SAME, 0)


def diff_lines(difference: Diff) -> Iterator[str]:
    """Yield a difference in words: what changes, for which reasons and plays, and examples."""
    plural = "" if difference.total == 1 else "s"
    yield f"{difference.total} message{plural} decided under both"
    for change in Change:
        if count := difference.changes.get(change, 0):
            yield f"{count:>8}  {_NAMES[change]}"
            yield from _parts(difference, change)
    yield f"busiest minute before  {_burst_words(difference.burst_before)}"
    yield f"busiest minute after   {_burst_words(difference.burst_after)}"
    for example in difference.examples:
        yield f"example, line {example.number}: {_NAMES[example.change]}"
        yield f"    before  {decision_words(example.before)}"
        yield f"    after   {decision_words(example.after)}"


def diff_json(difference: Diff) -> dict[str, Any]:
    """Return a difference as JSON values."""
    return {
        "total": difference.total,
        "changes": {change: difference.changes.get(change, 0) for change in Change},
        "by_reason": [
            {"change": change, "reason": reason, "count": count}
            for (change, reason), count in sorted(difference.by_reason.items())
        ],
        "by_play": [
            {"change": change, "play": play, "count": count}
            for (change, play), count in sorted(difference.by_play.items())
        ],
        "busiest_minute": {
            "before": _burst_json(difference.burst_before),
            "after": _burst_json(difference.burst_after),
        },
        "examples": [_example_json(example) for example in difference.examples],
    }


def _parts(difference: Diff, change: Change) -> Iterator[str]:
    for name, counted in (("reason", difference.by_reason), ("play", difference.by_play)):
        parts = sorted(((count, key) for (of, key), count in counted.items() if of is change), reverse=True)
        if parts:
            yield f"          by {name}: {', '.join(f'{key} {count}' for count, key in parts)}"


def _burst_words(burst: Burst) -> str:
    return "none" if burst.minute is None else f"{burst.count} at {burst.minute:%Y-%m-%d %H:%M}Z"


def _burst_json(burst: Burst) -> dict[str, Any]:
    return {"minute": burst.minute.isoformat() if burst.minute else None, "count": burst.count}


def _example_json(example: Example) -> dict[str, Any]:
    return {
        "line": example.number,
        "change": example.change,
        "before": decision_words(example.before),
        "after": decision_words(example.after),
        "situation": render_situation(example.situation),
    }
