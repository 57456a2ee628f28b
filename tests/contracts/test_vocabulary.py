"""The words on the wire are the words of the model, though neither imports the other."""

import re
from enum import StrEnum
from typing import Any, get_args

import pytest

from outreach.model import window, words
from outreach.model.question import QuestionKind
from schemas import vocabulary
from schemas.generate import HERE
from schemas.touches import TouchSuppressed

PAIRS: dict[str, tuple[Any, type[StrEnum]]] = {
    "channel": (vocabulary.Channel, words.Channel),
    "role": (vocabulary.Role, words.Role),
    "purpose": (vocabulary.Purpose, words.Purpose),
    "basis": (vocabulary.Basis, words.Basis),
    "check result": (vocabulary.CheckResult, words.CheckResult),
    "direction": (vocabulary.Direction, words.Direction),
    "contact outcome": (vocabulary.ContactOutcome, words.ContactOutcome),
    "hold kind": (vocabulary.HoldKind, words.HoldKind),
    "weekday": (vocabulary.Weekday, window.Weekday),
}


@pytest.mark.parametrize(("wire", "model"), PAIRS.values(), ids=PAIRS)
def test_the_contract_and_the_model_speak_the_same_words(wire: Any, model: type[StrEnum]) -> None:
    assert sorted(_words_of(wire)) == sorted(word.value for word in model)


def _words_of(wire: Any) -> list[str]:
    """Return the words of a literal, or of a union of some."""
    return [
        word for part in get_args(wire) for word in ([part] if isinstance(part, str) else _words_of(part))
    ]


def test_every_reason_can_be_said_on_the_wire() -> None:
    touch: dict[str, Any] = {
        "person_id": "p",
        "touch_id": "t",
        "debts": ("d",),
        "play": "p",
        "purpose": "reminder",
        "final": True,
    }

    said = TouchSuppressed(**touch, reasons=tuple(each.value for each in words.Reason))

    assert set(said.reasons) == set(words.Reason)


def test_the_readme_explains_every_reason_to_keep_a_record_aside() -> None:
    assert sorted(explained(under="reason")) == sorted(get_args(vocabulary.MalformedReason))


def test_the_readme_explains_every_question_that_is_asked_of_publishers() -> None:
    assert sorted(explained(under="question")) == sorted(QuestionKind)


def explained(*, under: str) -> list[str]:
    """Return the words of the table of the README whose first column has this name."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    [table] = re.findall(rf"^\| {under} \| means \|\n((?:\|.*\n)+)", text, re.MULTILINE)
    return re.findall(r"^\| `(\w+)` \| ", table, re.MULTILINE)
