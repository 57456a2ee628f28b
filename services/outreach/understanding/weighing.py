"""A small linear model for what rules miss: it weighs words and bits of words, and says which weighed most.

`scripts/train_listener.py` makes its weights from the labeled sentences of the tests. It may add a
kind, and close what plainly sounds like a stop; it never takes anything away.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from outreach.model.scale import Scale, shares
from outreach.understanding.kinds import Kind
from outreach.understanding.plain import plain

_WEIGHTS: Final = Path(__file__).parent / "weights" / "listener.json"
#: More words than this are more than one thought, and the rules read them sentence by sentence.
_LONGEST: Final = 60
#: Fewer words tell too little: bits of "hello" are in a curse.
_FEWEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A kind that the model hears, and the words that weighed most."""

    kind: Kind
    words: str


@cache
def scales() -> Mapping[Kind, Scale]:
    """Return the scales that are shipped; they are read once."""
    return {Kind(name): Scale(**row) for name, row in json.loads(_WEIGHTS.read_text("utf-8")).items()}


def weigh(text: str) -> list[Weighed]:
    """Return the kinds that a text weighs enough for; what says little is left to the rules."""
    if not can_be_weighed(text):
        return []
    found = features(text)
    return [
        Weighed(kind=kind, words=", ".join(scale.heaviest(found)))
        for kind, scale in scales().items()
        if scale.log_odds(found) >= scale.enough
    ]


def can_be_weighed(text: str) -> bool:
    """Say whether a text has more than a word or two."""
    return len(plain(text).split()) >= _FEWEST


def features(text: str) -> dict[str, float]:
    """Return what is weighed of an answer."""
    return shares(plain(text).split()[:_LONGEST])
