"""A linear model in plain Python: words, pairs of words and bits of words, each with its weight."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_BITS: Final = (3, 4)
_HEAVIEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What weighs for one thing, of which a text is from `enough` on, in log odds."""

    bias: float
    enough: float
    weights: Mapping[str, float]

    def log_odds(self, found: Mapping[str, float]) -> float:
        """Return by how much it is likelier than not."""
        return log_odds(found, bias=self.bias, weights=self.weights)

    def heaviest_words(self, found: Mapping[str, float], words: Sequence[str]) -> list[str]:
        """Return which of the words, or pairs of them, weighed most; a bit stands for its first word."""
        told: dict[str, None] = {}
        speaking = [feature for feature in found if self.weights.get(feature, 0) > 0]
        for feature in sorted(speaking, key=lambda feature: (-self.weights[feature], feature)):
            plain = feature.strip("~<> ")
            is_bit = feature.startswith("~")
            told.setdefault(next((word for word in words if plain in word), plain) if is_bit else plain)
        return list(told)[:_HEAVIEST]


def shares(words: Sequence[str], *, least: int = 1) -> dict[str, float]:
    """Return what is weighed of a text, each with its share: words, pairs of words, and bits of words.

    All shares together have length one, so that a long text weighs no more than a short one; where less
    than `least` is weighed they have less, so that two words tell less than a sentence.
    """
    return shared_out([*words, *pairs(words), *bits(words)], least=least)


def shared_out(features: Iterable[str], *, least: int = 1) -> dict[str, float]:
    """Return each feature with its share, of which all together have length one, or less below `least`."""
    found = dict.fromkeys(features)
    share = 1 / math.sqrt(max(len(found), least)) if found else 0.0
    return dict.fromkeys(found, share)


def log_odds(found: Mapping[str, float], *, bias: float, weights: Mapping[str, float]) -> float:
    """Return by how much a thing is likelier than not, by weights that are still being learned."""
    return bias + sum(share * weights.get(feature, 0.0) for feature, share in found.items())


def pairs(words: Sequence[str]) -> Iterator[str]:
    """Return every two words in a row, the first and the last with the edge of the text."""
    return (f"{first} {second}" for first, second in zip(["<", *words], [*words, ">"], strict=True))


def bits(words: Iterable[str]) -> Iterator[str]:
    """Return bits of words, three and four letters long, with the edges of the word."""
    for word in words:
        framed = f"<{word}>"
        for length in _BITS:
            for begins in range(len(framed) - length + 1):
                yield f"~{framed[begins : begins + length]}"
