"""How a language's words are really written: short forms, slips, figures for letters, drawn-out letters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from re import Pattern
from typing import Any, Final

_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")
_DOUBLED: Final = re.compile(r"(.)\1+")
_FIGURES: Final = str.maketrans("013457@$", "oieastas")
_FIGURE: Final = re.compile(r"[013457]")
_LETTER: Final = re.compile(r"[^\W\d_]")
#: Shorter words are other words too often.
_SHORTEST_FUZZY: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way of writing for each word that rules look for.

    `known` are the words of the language's file, `same` what else they are written as, `fuzzy`
    the forms with a letter missing of words that are long enough to be told from others, and
    `padding` what weighs nothing.
    """

    known: frozenset[str]
    same: Mapping[str, str]
    same_words: Pattern[str]
    fuzzy: Mapping[str, str]
    never_fuzzy: frozenset[str]
    padding: Pattern[str]
    near: tuple[str, ...]
    never_near: frozenset[str]

    @classmethod
    def of(cls, content: Mapping[str, Any], *, known: frozenset[str]) -> "Spelling":
        """Read the spelling from a language's file."""
        same = {variant: word for word, variants in content.get("same", {}).items() for variant in variants}
        fuzzy = content.get("fuzzy", {})
        near = content.get("near", {})
        return cls(
            known=known | {word for words in same.values() for word in words.split()},
            same=same,
            same_words=_whole_words(same),
            fuzzy={form: word for word in fuzzy.get("words", []) for form in _forms(word)},
            never_fuzzy=frozenset(fuzzy.get("never", [])) | known,
            padding=_whole_words(content.get("padding", [])),
            near=tuple(near.get("words", [])),
            never_near=frozenset(near.get("never", [])) | known,
        )

    def heard(self, words: str) -> str:
        """Return folded words as the rules know them: `pls st0p txtin me` is `, stop texting me`."""
        return _tidy(self.padding.sub(" ", self.spelled(words)))

    def spelled(self, words: str) -> str:
        """Return folded words in the one way of writing them, with what weighs nothing."""
        mended = " ".join(self._mended(word) for word in words.split())
        same = self.same_words.sub(lambda match: self.same[match.group()], mended)
        # Some short forms stand for words that are part of a longer one: "aint" in "i aint".
        return _tidy(self.same_words.sub(lambda match: self.same[match.group()], same))

    def is_near(self, word: str) -> bool:
        """Say whether a message of this one word is a slip for a word that stops us."""
        if word in self.never_near:
            return False
        return any(word != keyword and _one_slip(word, keyword) for keyword in self.near)

    def _mended(self, word: str) -> str:
        if word in self.known or word in self.same or word == ",":
            return word
        for form in self._forms_of(word):
            if form in self.known or form in self.same:
                return form
        if len(word) >= _SHORTEST_FUZZY - 1 and word not in self.never_fuzzy:
            for form in _forms(word):
                meant = self.fuzzy.get(form)
                if meant is not None and _one_slip(word, meant):
                    return meant
        return word

    def _forms_of(self, word: str) -> Iterator[str]:
        if _FIGURE.search(word) and _LETTER.search(word):
            word = word.translate(_FIGURES)
            yield word
        if _DRAWN_OUT.search(word):
            yield _DRAWN_OUT.sub(r"\1\1", word)
            yield _DRAWN_OUT.sub(r"\1", word)
        if _DOUBLED.search(word):
            yield _DOUBLED.sub(r"\1", word)
        if word.endswith("in"):
            yield f"{word}g"


def _tidy(words: str) -> str:
    """Return the words with single spaces and single commas, none of them at an edge."""
    clauses = (" ".join(clause.split()) for clause in words.split(","))
    return " , ".join(clause for clause in clauses if clause)


def _whole_words(words: Any) -> Pattern[str]:
    spelled = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![^ ])(?:{spelled})(?![^ ])") if spelled else re.compile(r"(?!)")


def _forms(word: str) -> Iterator[str]:
    """Yield the word, and the word with one letter left out."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _one_slip(word: str, meant: str) -> bool:
    """Say whether one letter is wrong, missing, too many, or two are swapped."""
    if abs(len(word) - len(meant)) > 1:
        return False
    begins = 0
    while begins < min(len(word), len(meant)) and word[begins] == meant[begins]:
        begins += 1
    rest, other = word[begins:], meant[begins:]
    return (
        rest[1:] == other[1:]
        or rest[1:] == other
        or rest == other[1:]
        or (rest[2:] == other[2:] and rest[:2] == other[1::-1])
    )
