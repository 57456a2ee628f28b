"""A small linear model for what rules miss: it weighs words and bits of words, and says which weighed most.

`scripts/train_listener.py` makes its weights from the labeled sentences of the tests. It may add a
kind, and close what plainly sounds like a stop; it never takes anything away.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from outreach.understanding.kinds import Kind
from outreach.understanding.plain import plain

_WEIGHTS: Final = Path(__file__).parent / "weights" / "listener.json"
#: More words than this are more than one thought, and the rules read them sentence by sentence.
_LONGEST: Final = 60
#: Fewer words tell too little: bits of "hello" are in a curse.
_FEWEST: Final = 3
_BITS: Final = (3, 4)
_HEAVIEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What weighs for one kind. A text is of that kind from `enough` on, in log odds."""

    kind: Kind
    bias: float
    enough: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A kind that the model hears, and the words that weighed most."""

    kind: Kind
    words: str


@cache
def scales() -> tuple[Scale, ...]:
    """Return the scales that are shipped; they are read once."""
    content = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return tuple(
        Scale(kind=Kind(name), bias=row["bias"], enough=row["enough"], weights=row["weights"])
        for name, row in content.items()
    )


def weigh(text: str) -> list[Weighed]:
    """Return the kinds that a text weighs enough for; what says little is left to the rules."""
    if not can_be_weighed(text):
        return []
    found = features(text)
    return [
        Weighed(kind=scale.kind, words=", ".join(_heaviest(scale, found)))
        for scale in scales()
        if log_odds(found, bias=scale.bias, weights=scale.weights) >= scale.enough
    ]


def can_be_weighed(text: str) -> bool:
    """Say whether a text has more than a word or two."""
    return len(plain(text).split()) >= _FEWEST


def features(text: str) -> dict[str, float]:
    """Return what is weighed, each with its share: words, pairs of words, and bits of words.

    All shares together have length one, so that a long text weighs no more than a short one.
    """
    words = plain(text).split()[:_LONGEST]
    found = dict.fromkeys([*words, *_pairs(words), *(bit for word in words for bit in _bits(word))])
    share = 1 / math.sqrt(len(found)) if found else 0.0
    return dict.fromkeys(found, share)


def log_odds(found: Mapping[str, float], *, bias: float, weights: Mapping[str, float]) -> float:
    """Return by how much the kind is likelier than not."""
    return bias + sum(share * weights.get(feature, 0.0) for feature, share in found.items())


def _pairs(words: list[str]) -> Iterator[str]:
    return (f"{first} {second}" for first, second in zip(["<", *words], [*words, ">"], strict=True))


def _bits(word: str) -> Iterator[str]:
    framed = f"<{word}>"
    for length in _BITS:
        for begins in range(len(framed) - length + 1):
            yield f"~{framed[begins : begins + length]}"


def _heaviest(scale: Scale, found: Mapping[str, float]) -> list[str]:
    speaking = [feature for feature in found if scale.weights.get(feature, 0) > 0]
    weighed = sorted(speaking, key=lambda feature: (-scale.weights[feature], feature))
    return [feature.strip("~<> ") for feature in weighed[:_HEAVIEST]]
