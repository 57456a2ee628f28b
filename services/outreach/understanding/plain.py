"""A reply without what carries no meaning: case, accents, punctuation, emoji, invisible characters."""

import re
import unicodedata
from collections.abc import Set as AbstractSet

_APOSTROPHES = re.compile("['’‘ʼ`\u00b4]")
_NO_WORD = re.compile(r"[\W_]+")
#: As much as anyone writes in one message; what comes behind is a human's to read.
LONGEST = 4_000
_FEWEST_SPELLED_OUT = 3


def plain(text: str) -> str:
    """Return lower-case words with single spaces: `¡Por favor, STOP! 🙏` is `por favor stop`.

    Apostrophes vanish (`don't` is `dont`), and so do invisible characters. A word spelled out
    letter by letter is that word.
    """
    text = unicodedata.normalize("NFKD", text[:LONGEST]).casefold()
    visible = "".join(character for character in text if unicodedata.category(character) not in {"Mn", "Cf"})
    words = _NO_WORD.sub(" ", _APOSTROPHES.sub("", visible)).split()
    if len(words) >= _FEWEST_SPELLED_OUT and all(len(word) == 1 for word in words):
        return "".join(words)
    return " ".join(words)


def without_courtesies(words: str, courtesies: AbstractSet[str]) -> str:
    """Return the words without those of politeness at either end; only those leave nothing."""
    left = words.split()
    while left and left[0] in courtesies:
        left.pop(0)
    while left and left[-1] in courtesies:
        left.pop()
    return " ".join(left)
