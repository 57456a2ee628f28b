"""How much is asked at once."""

import re
from collections.abc import Iterator

from outreach.wording.tone.harms import Harm, Remark

_QUESTION = re.compile(r"([^.!?\n¿:]*)\?")
_MOST = 1
#: "Questions?", "Not you?": a prompt to what follows, which asks nothing by itself.
_FEWEST_WORDS = 3
_SUGGESTION = "Ask one thing at a time."


def too_many_questions(text: str) -> Iterator[Remark]:
    """Yield a remark on the second question of a text."""
    questions = [question[1].strip() for question in _QUESTION.finditer(text)]
    asked = [question for question in questions if len(question.split()) >= _FEWEST_WORDS]
    if len(asked) > _MOST or len(questions) > _MOST + 1:
        yield Remark(Harm.QUESTIONS, f"{questions[1]}?", _SUGGESTION)
