"""Makes the weights of the model that adds what rules of understanding miss, from the labeled sentences.

    .venv/bin/python -m scripts.train_listener

Pure Python and without chance: the same sentences give the same weights. For each kind it first leaves
out some ways of speaking after others, learns from the rest, and so finds how heavy a sentence of a
way it never heard must be; then it learns from all of them. The sentences for testing are never read.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from outreach.model.scale import log_odds
from outreach.understanding.kinds import TREATMENTS, Kind, Urgency
from outreach.understanding.our_names import without_our_names
from outreach.understanding.phrasebook import languages
from outreach.understanding.understand import raisable
from outreach.understanding.weighing import features
from scripts.labeled_sentences import OUR_NAMES, LabeledSentence, read_sentences
from scripts.learning import Example, learn, written

WEIGHTS: Final = (
    Path(__file__).parents[1] / "services" / "outreach" / "understanding" / "weights" / "listener.json"
)

#: Kinds with fewer sentences than this are left to the rules.
FEWEST: Final = 25
#: What is heard too little about to be weighed, or what only context tells.
LEFT_TO_RULES: Final = frozenset(
    {Kind.UNCLEAR, Kind.QUESTION, Kind.YES, Kind.NO, Kind.HELP, Kind.REACTION, Kind.OPT_IN}
)
PARTS: Final = 4
#: Smaller steps than usual: many sentences teach the same.
RATE: Final = 0.15
#: What closes, and what calls somebody at once, is weighed on a finer scale.
KEPT: Final = 700
KEPT_FINE: Final = 8_000
#: What share of the sentences that are not of a kind may be taken for it. A crisis wrongly heard calls a
#: human sooner, one that is missed may cost a life; who is wrongly taken for a stranger is not reached again.
#: Every other sentence was written to nearly say it; of what people really answer it is far fewer.
FALSE_ALARMS: Final = {Kind.OPT_OUT: 0.005, Kind.WRONG_PERSON: 0.02}
FALSE_CRISES: Final = 0.03
OTHER_FALSE_ALARMS: Final = 0.005
#: However few others are heard, a kind has to be about as likely as not, and danger not quite so much.
SURE: Final = 0.5
SURE_OF_CRISIS: Final = -2.5
CRISES: Final = frozenset(
    kind for kind, treatment in TREATMENTS.items() if treatment.urgency is Urgency.CRISIS
)
#: Sentences of these may be closed, so that it tells nothing if they are.
CLOSING: Final = frozenset({Kind.OPT_OUT, Kind.WRONG_PERSON, Kind.SAFETY})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """A sentence to learn from, what is weighed of it, and the kinds that rules leave to the model."""

    sentence: LabeledSentence
    found: Mapping[str, float]
    raisable: frozenset[Kind]

    def example(self, kind: Kind) -> Example:
        return self.found, kind in self.sentence.kinds


def train() -> dict[str, object]:
    """Return the weights of every kind."""
    lessons = [
        _Lesson(sentence=sentence, found=features(text), raisable=raisable(text))
        for sentence in read_sentences("training")
        for text in [without_our_names(sentence.text, OUR_NAMES)]
    ]
    # What is labeled unclear is labeled for what it is not: no danger, and nothing to close.
    clear = [lesson for lesson in lessons if Kind.UNCLEAR not in lesson.sentence.kinds]
    kinds = [
        kind
        for kind in Kind
        if kind not in LEFT_TO_RULES and sum(kind in lesson.sentence.kinds for lesson in clear) >= FEWEST
    ]
    learned = [lessons if kind in CLOSING | CRISES else clear for kind in kinds]
    with ProcessPoolExecutor() as processes:
        found = processes.map(_scale, kinds, learned)
        return {kind.value: scale for kind, scale in zip(kinds, found, strict=True)}


def _scale(kind: Kind, lessons: Sequence[_Lesson]) -> dict[str, object]:
    rules = [rule for language in languages() for rule in language.rules if rule.kind is kind]
    left = [(features(text), False) for rule in rules for text in rule.leaves]
    bias, weights = learn([*(lesson.example(kind) for lesson in lessons), *left], rate=RATE)
    kept = KEPT_FINE if kind in CLOSING | CRISES else KEPT
    return written(bias, weights, enough=_enough(kind, lessons), kept=kept)


def _enough(kind: Kind, lessons: Sequence[_Lesson]) -> float:
    """Return the least weight above which hardly a sentence of an unheard way was wrongly of the kind."""
    others = [lesson for lesson in lessons if not lesson.sentence.kinds & _akin(kind)]
    strange: list[float] = []
    for ways in _parts(sorted({lesson.sentence.way for lesson in lessons})):
        learned = [lesson.example(kind) for lesson in lessons if lesson.sentence.way not in ways]
        bias, weights = learn(learned, rate=RATE)
        strange += [
            log_odds(other.found, bias=bias, weights=weights)
            for other in others
            if other.sentence.way in ways and kind in other.raisable
        ]
    false_alarms = FALSE_ALARMS.get(kind, FALSE_CRISES if kind in CRISES else OTHER_FALSE_ALARMS)
    heaviest = sorted(strange, reverse=True)[: int(false_alarms * len(others)) + 1]
    return max(heaviest[-1] + 0.01, SURE_OF_CRISIS if kind in CRISES else SURE)


def _parts(ways: Sequence[str]) -> list[Sequence[str]]:
    return [ways[part::PARTS] for part in range(PARTS)]


def _akin(kind: Kind) -> frozenset[Kind]:
    """Return the kinds for which this one does no harm if it is heard instead."""
    return next((kinds for kinds in (CLOSING, CRISES) if kind in kinds), frozenset({kind})) | {kind}


def main() -> None:
    """Write the weights."""
    content = json.dumps(train(), indent=0, ensure_ascii=False, sort_keys=True)
    WEIGHTS.write_text(content + "\n", encoding="utf-8")
    print(f"{WEIGHTS.name}: {len(content):,} characters")


if __name__ == "__main__":
    main()
