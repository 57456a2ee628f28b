"""Makes the weights of the model that adds what rules of understanding miss, from the labeled sentences.

    .venv/bin/python -m scripts.train_listener

Pure Python and without chance: the same sentences give the same weights. For each kind it first leaves
out some ways of speaking after others, learns from the rest, and so finds how heavy a sentence of a
way it never heard must be; then it learns from all of them. The sentences for testing are never read.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

from outreach.understanding.kinds import TREATMENTS, Kind, Urgency
from outreach.understanding.phrasebook import languages
from outreach.understanding.weighing import features, log_odds
from scripts.labeled_sentences import LabeledSentence, read_sentences

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
ROUNDS: Final = 10
RATE: Final = 0.5
SHRINK: Final = 2e-5
KEPT: Final = 700
LIGHTEST: Final = 0.15
#: How many of the sentences that are not of a kind may be taken for it: a crisis only calls a human.
FALSE_ALARMS: Final = {Urgency.CRISIS: 0.01}
FALSE_CLOSINGS: Final = 0.0
#: What closes something has to weigh so much more than the heaviest sentence that was wrongly of the kind.
CLOSING: Final = frozenset({Kind.OPT_OUT, Kind.WRONG_PERSON})
MARGIN: Final = 0.75
SURE: Final = 0.5

Example = tuple[Mapping[str, float], bool]


def train() -> dict[str, object]:
    """Return the weights of every kind."""
    heard = read_sentences("training")
    features_of = {sentence.text: features(sentence.text) for sentence in heard}
    kinds = [
        kind
        for kind in Kind
        if kind not in LEFT_TO_RULES and sum(kind in sentence.kinds for sentence in heard) >= FEWEST
    ]
    return {kind.value: _scale(kind, heard, features_of) for kind in kinds}


def _scale(
    kind: Kind, heard: Sequence[LabeledSentence], features_of: Mapping[str, Mapping[str, float]]
) -> dict[str, object]:
    strange: list[tuple[float, bool]] = []
    for ways in _parts(sorted({sentence.way for sentence in heard})):
        bias, weights = _learn(
            (features_of[sentence.text], kind in sentence.kinds)
            for sentence in heard
            if sentence.way not in ways
        )
        strange += [
            (log_odds(features_of[sentence.text], bias=bias, weights=weights), kind in sentence.kinds)
            for sentence in heard
            if sentence.way in ways
        ]
    rules = [rule for language in languages() for rule in language.rules if rule.kind is kind]
    leaves = [text for rule in rules for text in rule.leaves]
    examples = [(features_of[sentence.text], kind in sentence.kinds) for sentence in heard]
    bias, weights = _learn([*examples, *((features(text), False) for text in leaves)])
    heaviest = sorted(weights, key=lambda feature: (-abs(weights[feature]), feature))[:KEPT]
    return {
        "bias": round(bias, 2),
        "enough": round(_enough(strange, kind), 2),
        "weights": {
            feature: round(weights[feature], 2)
            for feature in sorted(heaviest)
            if abs(weights[feature]) >= LIGHTEST
        },
    }


def _parts(ways: Sequence[str]) -> list[Sequence[str]]:
    return [ways[part::PARTS] for part in range(PARTS)]


def _enough(strange: Sequence[tuple[float, bool]], kind: Kind) -> float:
    """Return the least weight above which hardly a sentence of an unheard way was wrongly of the kind."""
    others = sorted((odds for odds, right in strange if not right), reverse=True)
    permitted = int(FALSE_ALARMS.get(TREATMENTS[kind].urgency, FALSE_CLOSINGS) * len(others))
    return max(others[permitted] + (MARGIN if kind in CLOSING else 0.01), SURE)


def _learn(examples: Iterable[Example]) -> tuple[float, dict[str, float]]:
    """Fit a logistic regression by steps that shrink, in an order that is always the same."""
    rows = list(examples)
    right = sum(label for _, label in rows) or 1
    # A rare kind counts for more, or it would never be heard.
    heavier = min(math.sqrt(len(rows) / right), 5.0)
    weights: dict[str, float] = {}
    bias, random = -1.0, Random(15)
    for round_ in range(ROUNDS):
        random.shuffle(rows)
        rate = RATE * 10 / (1 + round_)
        for found, label in rows:
            odds = log_odds(found, bias=bias, weights=weights)
            error = (1.0 if label else 0.0) - 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))
            step = rate * error * (heavier if label else 1.0)
            bias += 0.02 * step
            for feature, share in found.items():
                weight = weights.get(feature, 0.0)
                weights[feature] = weight + step * share - rate * SHRINK * weight
    return bias, weights


def main() -> None:
    """Write the weights."""
    content = json.dumps(train(), indent=0, ensure_ascii=False, sort_keys=True)
    WEIGHTS.write_text(content + "\n", encoding="utf-8")
    print(f"{WEIGHTS.name}: {len(content):,} characters")


if __name__ == "__main__":
    main()
