"""Reads the labeled sentences of `tests/understanding/sentences/`: what people write, and what it means.

A file holds one way of speaking. `[opt_out bereavement]` begins sentences of these kinds, and
`[opt_out > voice]` those that close other channels than the text message they came by.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from outreach.model.words import Channel
from outreach.understanding.kinds import Kind

#: The names of ours that stand in the sentences.
OUR_NAMES: Final = ("Northwind Energy", "Lakeside Clinic", "Harbor Recovery")
SENTENCES: Final = Path(__file__).parents[1] / "tests" / "understanding" / "sentences"

_HEADING: Final = re.compile(r"\[(?P<kinds>[a-z_ ]+?)(?: > (?P<closes>[a-z ]+))?\]")
#: What closes the channel it came by, unless the heading says otherwise.
_CLOSES: Final = frozenset({Kind.OPT_OUT, Kind.WRONG_PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledSentence:
    """A sentence of one way of speaking, its kinds, and the channels it closes if it came by text."""

    way: str
    text: str
    kinds: frozenset[Kind]
    closes: frozenset[Channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideSentence:
    """A sentence by somebody who knew only what is asked of us, and what it is: `stop`, `crisis`."""

    set_name: str
    text: str
    expect: str


def read_outside() -> list[OutsideSentence]:
    """Return the sentences of `outside/`, by set. Nobody who mends rules or trains the model reads them."""
    return [
        OutsideSentence(set_name=path.stem, text=row["text"], expect=row["expect"])
        for path in sorted((SENTENCES / "outside").glob("*.yaml"))
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def read_sentences(part: str) -> list[LabeledSentence]:
    """Return the sentences for `training`, for `testing`, or `unseen`, by way of speaking.

    Rules were mended by what they missed of those for testing; by those unseen neither rules nor model.
    """
    return [sentence for path in sorted((SENTENCES / part).glob("*.txt")) for sentence in _in_file(path)]


def _in_file(path: Path) -> Iterator[LabeledSentence]:
    kinds: frozenset[Kind] = frozenset()
    closes: frozenset[Channel] = frozenset()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("# "):
            continue
        if (heading := _HEADING.fullmatch(line)) is not None:
            kinds = frozenset(map(Kind, heading["kinds"].split()))
            named = frozenset(map(Channel, (heading["closes"] or "").split()))
            closes = named or (frozenset({Channel.SMS}) if kinds & _CLOSES else frozenset())
        elif not kinds:
            raise ValueError(f"{path.name}:{number}: a sentence stands before the first heading")
        else:
            yield LabeledSentence(way=path.stem, text=line.strip(), kinds=kinds, closes=closes)
