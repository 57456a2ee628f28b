"""Learns the weights of the linear models that we ship: pure Python and without chance."""

import math
from collections.abc import Iterable, Mapping
from random import Random
from typing import Final

from outreach.model.scale import log_odds

LIGHTEST: Final = 0.1

Example = tuple[Mapping[str, float], bool]


def learn(
    examples: Iterable[Example],
    *,
    rounds: int = 10,
    rate: float = 0.5,
    shrink: float = 2e-5,
    least: float = 0.0,
) -> tuple[float, dict[str, float]]:
    """Fit a logistic regression by steps that shrink, in an order that is always the same.

    Steps smaller than `least` are not taken: what is known well teaches nothing more.
    """
    rows = list(examples)
    right = sum(label for _, label in rows) or 1
    # What is rare counts for more, or it would never be heard.
    heavier = min(math.sqrt(len(rows) / right), 5.0)
    weights: dict[str, float] = {}
    bias, random = -1.0, Random(15)
    for round_ in range(rounds):
        random.shuffle(rows)
        step_size = rate * 10 / (1 + round_)
        for found, label in rows:
            odds = log_odds(found, bias=bias, weights=weights)
            error = (1.0 if label else 0.0) - 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))
            step = step_size * error * (heavier if label else 1.0)
            if abs(step) < least:
                continue
            bias += 0.02 * step
            for feature, share in found.items():
                weight = weights.get(feature, 0.0)
                weights[feature] = weight + step * share - step_size * shrink * weight
    return bias, weights


def written(bias: float, weights: Mapping[str, float], *, enough: float, kept: int) -> dict[str, object]:
    """Return a scale as it is stored, with its heaviest weights alone."""
    heaviest = sorted(weights, key=lambda feature: (-abs(weights[feature]), feature))[:kept]
    return {
        "bias": round(bias, 2),
        "enough": round(enough, 2),
        "weights": {
            feature: round(weights[feature], 2)
            for feature in sorted(heaviest)
            if abs(weights[feature]) >= LIGHTEST
        },
    }
