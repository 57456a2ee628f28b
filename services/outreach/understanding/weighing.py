"""A small linear model for what rules miss: it weighs words, bits of words and what words are about.

It says which weighed most. `scripts/train_listener.py` makes its weights from the labeled sentences of
the tests. It may add a kind, and close what plainly sounds like a stop; it never takes anything away.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Final

from outreach.model.scale import Scale, bits, pairs, shared_out
from outreach.understanding.kinds import Kind
from outreach.understanding.phrasebook import languages
from outreach.understanding.plain import plain

_WEIGHTS: Final = Path(__file__).parent / "weights" / "listener.json"
#: What words are about: "somebody", "here", "phone".
_ABOUT: Final = Path(__file__).parent / "weights" / "about.toml"
_NAME: Final = "name"
#: A word with a capital behind another word is a name, unless it is known for something else.
_CAPITAL: Final = re.compile(r"(?<=[^\s.!?¡¿:…])\s(?P<word>[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,})\b")
#: Of a text in capitals they tell nothing.
_SHOUTED: Final = 3
#: More words than this are more than one thought, and the rules read them sentence by sentence.
_LONGEST: Final = 60
#: Fewer words tell too little: bits of "hello" are in a curse.
_FEWEST: Final = 3
_HEAVIEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A kind that the model hears, the words that weighed most, and by how much it is likelier than not."""

    kind: Kind
    words: str
    log_odds: float


@cache
def scales() -> Mapping[Kind, Scale]:
    """Return the scales that are shipped; they are read once."""
    return {Kind(name): Scale(**row) for name, row in json.loads(_WEIGHTS.read_text("utf-8")).items()}


def weigh(text: str) -> list[Weighed]:
    """Return the kinds that a text weighs enough for; what says little is left to the rules."""
    if not can_be_weighed(text):
        return []
    found = features(text)
    weighed = {kind: scale.log_odds(found) for kind, scale in scales().items()}
    return [
        Weighed(kind=kind, words=", ".join(_heaviest(scale, found, text=text)), log_odds=weighed[kind])
        for kind, scale in scales().items()
        if weighed[kind] >= scale.enough
    ]


def can_be_weighed(text: str) -> bool:
    """Say whether a text has more than a word or two."""
    return len(plain(text).split()) >= _FEWEST


def features(text: str) -> dict[str, float]:
    """Return what is weighed of an answer: words, pairs of them, bits of them, and what they are about.

    The shares of each of the four together have length one, so that the many bits do not outweigh the words.
    """
    words = plain(text).split()[:_LONGEST]
    about = list(_about(text, words).values())
    subjects = [*about, *_in_a_row(about), *_together(about)]
    return {
        feature: share
        for part in (words, pairs(words), bits(words), subjects)
        for feature, share in shared_out(part).items()
    }


def _about(text: str, words: Sequence[str]) -> dict[int, str]:
    """Return what each word is about, by its place; of most words that is nothing we weigh."""
    subjects = _subjects()
    is_shouted = sum(letter.isupper() for letter in text) * _SHOUTED > len(text)
    capitals = () if is_shouted else {plain(match["word"]) for match in _CAPITAL.finditer(text)}
    found = {
        place: subjects.get(word) or (_NAME if word in capitals else "") for place, word in enumerate(words)
    }
    return {place: f"={subject}" for place, subject in found.items() if subject}


@cache
def _subjects() -> Mapping[str, str]:
    names = {name: _NAME for language in languages() for name in language.given_names}
    listed = tomllib.loads(_ABOUT.read_text(encoding="utf-8"))
    return {**{word: subject for subject, words in listed.items() for word in words}, **names}


def _in_a_row(about: Sequence[str]) -> Iterator[str]:
    return (f"{first} {second}" for first, second in pairwise(["=<", *about, "=>"]))


def _together(about: Sequence[str]) -> Iterator[str]:
    return (f"{first}&{second}" for first, second in combinations(sorted(set(about)), 2))


def _heaviest(scale: Scale, found: Mapping[str, float], *, text: str) -> list[str]:
    """Return what weighed most as it stands in the text; what words are about is shown by those words."""
    words = plain(text).split()[:_LONGEST]
    about = _about(text, words)
    speaking = [feature for feature in found if scale.weights.get(feature, 0) > 0]
    weighed = sorted(speaking, key=lambda feature: (-scale.weights[feature] * found[feature], feature))
    shown = (_shown(feature, words, about) for feature in weighed)
    return list(dict.fromkeys(word for word in shown if word))[:_HEAVIEST]


def _shown(feature: str, words: Sequence[str], about: Mapping[int, str]) -> str:
    if not feature.startswith("="):
        return feature.strip("~<> ")
    subjects = re.split("[ &]", feature)
    places = [place for subject in subjects for place, named in about.items() if named == subject]
    return " … ".join(words[place] for place in sorted(dict.fromkeys(places)))
