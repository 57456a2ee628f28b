"""Holds what came of a story against what was expected. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from outreach.desk.story_cases.outcome import SentMessage, StoryOutcome
from outreach.desk.story_cases.shapes import (
    ExpectationShape,
    ExplainedShape,
    MessageShape,
    QuarantinedShape,
    RepliedShape,
    SentShape,
    TotalShape,
)
from outreach.desk.story_cases.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the policy said at an instant of a touch."""

    to: str
    play: str
    at: datetime
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What came of a story, and which expectations did not hold; none: it passed."""

    story: Story
    outcome: StoryOutcome
    complaints: Sequence[str]


def judge(story: Story, outcome: StoryOutcome, answered: Sequence[Answered]) -> Judgment:
    """Return which of a story's expectations do not hold."""
    complaints = [
        complaint for expected in story.expect for complaint in _complaints(expected, outcome, answered)
    ]
    return Judgment(story=story, outcome=outcome, complaints=complaints)


def _complaints(
    expected: ExpectationShape, outcome: StoryOutcome, answered: Sequence[Answered]
) -> Iterator[str]:
    if expected.sent is not None:
        yield from _sent(expected.sent, outcome)
    if expected.never is not None and (found := _matching(expected.never, outcome.messages)):
        yield f"never {_words(expected.never)}: sent {len(found)} times"
    if expected.total is not None:
        yield from _total(expected.total, outcome)
    if expected.replied is not None:
        yield from _replied(expected.replied, outcome)
    if expected.quarantined is not None and not _is_set_aside(expected.quarantined, outcome):
        yield f"quarantined {_words(expected.quarantined)}: no such record"
    if expected.explained is not None:
        yield from _explained(expected.explained, answered)


def _sent(expected: SentShape, outcome: StoryOutcome) -> Iterator[str]:
    number = len(_matching(expected, outcome.messages))
    if expected.count is not None and number != expected.count:
        yield f"sent {_words(expected)}: {number} of {expected.count}"
    if expected.count is None and number == 0:
        yield f"sent {_words(expected)}: no such message"


def _total(expected: TotalShape, outcome: StoryOutcome) -> Iterator[str]:
    number = len(_matching(expected, outcome.messages))
    if (
        (expected.exactly is not None and number != expected.exactly)
        or (expected.at_least is not None and number < expected.at_least)
        or (expected.at_most is not None and number > expected.at_most)
    ):
        yield f"total {_words(expected)}: {number} were sent"


def _replied(expected: RepliedShape, outcome: StoryOutcome) -> Iterator[str]:
    replies = [reply for reply in outcome.replies if reply.person_id == expected.from_]
    if not replies:
        yield f"replied {_words(expected)}: nothing was heard of {expected.from_}"
        return
    last = replies[-1]
    kinds = ", ".join(sorted(last.understood)) or "nothing"
    for text in expected.about:
        if not set([text] if isinstance(text, str) else text) & last.understood:
            yield f"replied about {text}: understood as {kinds}"
    for kind in expected.not_about:
        if kind in last.understood:
            yield f"replied not about {kind}: understood as {kinds}"
    if expected.urgency is not None and expected.urgency != last.urgency:
        yield f"replied with urgency {expected.urgency}: it is {last.urgency}"
    if expected.needs_human is not None and expected.needs_human != last.needs_human:
        yield f"replied needs_human {str(expected.needs_human).lower()}: it is the other way round"
    if expected.suppresses is not None and set(expected.suppresses) != last.closed:
        wanted, closed = (
            ", ".join(sorted(channels)) or "nothing" for channels in (expected.suppresses, last.closed)
        )
        yield f"replied suppresses {wanted}: it closed {closed}"


def _is_set_aside(expected: QuarantinedShape, outcome: StoryOutcome) -> bool:
    return any(
        (record.type, record.reason) == (expected.type, expected.reason) for record in outcome.set_aside
    )


def _explained(expected: ExplainedShape, answered: Sequence[Answered]) -> Iterator[str]:
    answers = [
        answer
        for answer in answered
        if (answer.to, answer.play, answer.at) == (expected.to, expected.play, expected.at)
    ]
    if not any(expected.reason in answer.reasons for answer in answers):
        given = sorted({reason for answer in answers for reason in answer.reasons})
        yield f"explained {_words(expected)}: the reasons are {', '.join(given) or 'none'}"


def _matching(expected: MessageShape, messages: Iterable[SentMessage]) -> list[SentMessage]:
    return [message for message in messages if _matches(expected, message)]


def _matches(expected: MessageShape, message: SentMessage) -> bool:
    as_written = " ".join(message.text.split())
    folded = as_written.casefold()
    return (
        expected.to in (None, message.to)
        and (expected.play is None or message.is_called(expected.play))
        and (expected.purpose is None or expected.purpose == message.purpose)
        and expected.channel in (None, message.channel)
        and (expected.between is None or expected.between[0] <= message.at < expected.between[1])
        and set(expected.about) <= message.debts
        and _stand_in([[_fold(text) for text in _any_of(texts)] for texts in expected.says], folded)
        and not any(_fold(text) in folded for texts in expected.never_says for text in _any_of(texts))
        and _stand_in([_any_of(texts) for texts in expected.spells], as_written)
        and not any(text in as_written for texts in expected.never_spells for text in _any_of(texts))
    )


def _stand_in(wanted: Iterable[Sequence[str]], text: str) -> bool:
    return all(any(one in text for one in any_of) for any_of in wanted)


def _any_of(texts: str | list[str]) -> list[str]:
    return [texts] if isinstance(texts, str) else texts


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def _words(expected: MessageShape | RepliedShape | QuarantinedShape | ExplainedShape) -> str:
    """Say what was expected, as it stands in the file."""
    keys = {
        name.rstrip("_"): getattr(expected, name)
        for name in type(expected).model_fields
        if name in expected.model_fields_set
    }
    return ", ".join(f"{name} {_value(value)}" for name, value in keys.items())


def _value(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case list():
            return "[" + ", ".join(_value(part) for part in value) + "]"
        case _:
            return str(value)
