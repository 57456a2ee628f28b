"""How much is asked at once."""

import re

#: What is between two ends, whichever they are: a text is walked once, however long.
_SENTENCE = re.compile(r"([^.!?\n¿:]*)(?:(\?)|[.!\n¿:]|\Z)")
_MOST = 1
#: "Questions?", "Not you?": a prompt to what follows, which asks nothing by itself.
_FEWEST_WORDS = 3


def second_question(text: str) -> tuple[int, int] | None:
    """Return where the second question of a text stands, if it asks more than one."""
    questions = [sentence for sentence in _SENTENCE.finditer(text) if sentence[2]]
    asked = [question for question in questions if len(question[1].split()) >= _FEWEST_WORDS]
    if len(asked) > _MOST:
        return asked[_MOST].span()
    return questions[_MOST].span() if len(questions) > _MOST + 1 else None
