"""Finds what a story names and nobody has: people, plays, kinds. Nothing is ever sent of such a play."""

from collections.abc import Collection, Iterator, Mapping

from outreach.desk.story_cases.shapes import ExpectationShape, RepliedShape, StoryShape
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.yaml_text import Path
from outreach.model.playbook import ANSWERS
from outreach.understanding.kinds import Kind
from outreach.wording.review import ANSWERS as ANSWERS_BY_WORDING

#: What outreach says in answer, of which no playbook tells.
_BUILT_IN = frozenset({ANSWERS, *ANSWERS_BY_WORDING})

#: Where a name stands in its story, what is wrong with it, and the fix.
UnknownName = tuple[Path, str, str]


def unknown_names(
    shape: StoryShape, people: Collection[str], *, plays: Collection[str] | None
) -> Iterator[UnknownName]:
    """Yield every name in a story that stands for nothing; plays only where they are known."""
    for number, expectation in enumerate(shape.expect):
        path: Path = ("expect", number, *expectation.model_fields_set)
        yield from _unknown_person(expectation, path, people)
        if expectation.replied is not None:
            yield from _unknown_kinds(expectation.replied, path)
    if plays is not None:
        known = {*plays, *_BUILT_IN}
        for path, play in _plays(shape):
            if play not in known:
                fix = did_you_mean(play, known, otherwise="write one of the playbook's")
                yield path, f"no play is called `{play}`", fix


def _unknown_person(
    expectation: ExpectationShape, path: Path, people: Collection[str]
) -> Iterator[UnknownName]:
    expected = _expected(expectation)
    person = getattr(expected, "to", None) or getattr(expected, "from_", None)
    if person is not None and person not in people:
        yield path, f"nobody is called `{person}`", f"write one of {', '.join(people)}"


def _unknown_kinds(replied: RepliedShape, path: Path) -> Iterator[UnknownName]:
    named = [(("about", place), kinds) for place, kinds in enumerate(replied.about)]
    named += [(("not_about", place), kind) for place, kind in enumerate(replied.not_about)]
    for place, kinds in named:
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            if kind not in set(Kind):
                fix = did_you_mean(kind, Kind, otherwise="docs/replies.md lists all kinds")
                yield (*path, *place), f"no reply is of the kind `{kind}`", fix


def _plays(shape: StoryShape) -> Iterator[tuple[Path, str]]:
    """Yield every play that a story names, and where."""
    for number, entry in enumerate(shape.heard):
        receipt = entry.get("receipt")
        play = receipt.get("play") if isinstance(receipt, Mapping) else None
        if isinstance(play, str):
            yield ("heard", number, "receipt", "play"), play
    for number, expectation in enumerate(shape.expect):
        play = getattr(_expected(expectation), "play", None)
        if play is not None:
            yield ("expect", number, *expectation.model_fields_set, "play"), play


def _expected(expectation: ExpectationShape) -> object:
    """Return the one thing that is expected."""
    (key,) = expectation.model_fields_set
    return getattr(expectation, key)
