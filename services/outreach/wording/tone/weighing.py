"""A small linear model for what rules miss: it weighs the words of a sentence for each harm.

`scripts/train_tone.py` makes its weights from sentences and texts of the tests. It adds warnings, never
errors, and takes nothing away.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from outreach.model.scale import Scale, shares
from outreach.wording.tone.harms import Harm

_WEIGHTS: Final = Path(__file__).parent / "weights" / "tone.json"
_WORD: Final = re.compile(r"[^\W_]+|[$€£%]")
#: Years long ago are the same to the model, and so are all other numbers.
_LONG_AGO: Final = re.compile(r"(?:19\d\d|200\d|201\d)\Z")
_NUMBER: Final = re.compile(r"\d+")
_LONGEST: Final = 60
#: Fewer words tell too little, but in a subject line.
_FEWEST: Final = 4
#: A sentence of which less is weighed than this tells less.
_LEAST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The harm that a sentence weighs most for, and the words, or pairs of them, that weighed most."""

    harm: Harm
    words: tuple[str, ...]


@cache
def scales() -> Mapping[Harm, Scale]:
    """Return the scales that are shipped; they are read once."""
    return {Harm(name): Scale(**row) for name, row in json.loads(_WEIGHTS.read_text("utf-8")).items()}


def weigh(sentence: str, *, harms: Collection[Harm], is_subject: bool = False) -> Weighed | None:
    """Return which of these harms a plain sentence surely weighs enough for, the heaviest alone."""
    if not is_subject and len(words_of(sentence)) < _FEWEST:
        return None
    found = features(sentence)
    heaviest: tuple[float, Harm] | None = None
    for harm, scale in scales().items():
        if harm in harms and (odds := scale.log_odds(found)) >= scale.enough:
            heaviest = max(heaviest or (odds, harm), (odds, harm))
    if heaviest is None:
        return None
    words = scales()[heaviest[1]].heaviest_words(found, words_of(sentence))
    return Weighed(harm=heaviest[1], words=tuple(words))


def features(sentence: str) -> dict[str, float]:
    """Return what is weighed of a plain sentence."""
    return shares(words_of(sentence)[:_LONGEST], least=_LEAST)


def words_of(sentence: str) -> list[str]:
    """Return the words of a plain sentence, with every number alike."""
    return [
        "long_ago" if _LONG_AGO.match(word) else _NUMBER.sub("0", word) for word in _WORD.findall(sentence)
    ]
