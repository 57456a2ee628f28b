"""Makes the weights of the model that adds what rules of tone miss, from labeled sentences and texts.

    .venv/bin/python -m scripts.train_tone

Pure Python and without chance. For each harm it first leaves out some texts after others, learns from the
rest, and so finds how heavy a kind sentence of a text it never saw can be; then it learns from all.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from outreach.model.scale import log_odds
from outreach.wording.review import review, text_of
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.tone.harms import Harm
from outreach.wording.tone.lint import lint
from outreach.wording.tone.plain_text import plain_text
from outreach.wording.tone.rulebook import languages, rulebook
from outreach.wording.tone.weighing import features
from outreach.wording.wordings import load_wordings
from scripts.learning import learn, written

ROOT: Final = Path(__file__).parents[1]
WEIGHTS: Final = ROOT / "services" / "outreach" / "wording" / "tone" / "weights" / "tone.json"
TESTS: Final = ROOT / "tests" / "wording"
#: Jargon is a list of words, and needs no weighing: bits of "remit" are in "reminder".
WEIGHED: Final = (
    Harm.THREAT,
    Harm.THIRD_PARTY,
    Harm.SHAME,
    Harm.FALSE_URGENCY,
    Harm.COUNTDOWN,
    Harm.PRETENCE,
    Harm.OFFER_PRESSURE,
    Harm.DARK_PATTERN,
    Harm.REVIVAL,
    Harm.BLAME,
)
PARTS: Final = 3
ROUNDS: Final = 6
#: What is known so well teaches nothing more.
LEAST_STEP: Final = 0.003
KEPT: Final = 1_500
#: What share of kind sentences that it never saw may weigh enough, for any one harm, and what is sure enough.
FALSE_ALARMS: Final = 0.0005
SURE: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A plain sentence or subject line, what it does, and of which part of what we have it is."""

    text: str
    harms: frozenset[Harm]
    part: int
    is_subject: bool = False


def lessons() -> list[Lesson]:
    """Return all that there is to learn from."""
    return [*lessons_from_sentences(), *_from_rules(), *_from_texts(), *_from_shipped()]


def train() -> dict[str, object]:
    """Return the weights of every harm."""
    everything = lessons()
    bodies = [lesson for lesson in everything if not lesson.is_subject]
    subjects = [lesson for lesson in everything if lesson.is_subject]
    return {
        **{harm.value: _scale(harm, bodies) for harm in WEIGHED},
        Harm.DECEPTIVE_SUBJECT.value: _scale(Harm.DECEPTIVE_SUBJECT, subjects),
    }


def _scale(harm: Harm, known: Sequence[Lesson]) -> dict[str, object]:
    examples = [(features(lesson.text), lesson) for lesson in known]
    strange: list[float] = []
    for part in range(PARTS):
        bias, weights = learn(
            ((found, harm in lesson.harms) for found, lesson in examples if lesson.part != part),
            rounds=ROUNDS,
            least=LEAST_STEP,
        )
        strange += [
            log_odds(found, bias=bias, weights=weights)
            for found, lesson in examples
            if lesson.part == part and not lesson.harms
        ]
    allowed = sorted(strange, reverse=True)[: int(FALSE_ALARMS * len(strange)) + 1]
    bias, weights = learn(
        ((found, harm in lesson.harms) for found, lesson in examples), rounds=ROUNDS, least=LEAST_STEP
    )
    return written(bias, weights, enough=max(allowed[-1] + 0.01, SURE), kept=KEPT)


def lessons_from_sentences() -> Iterator[Lesson]:
    """Yield the sentences that stand under `[threat]` and the like, and kind ones under `[kind]`."""
    for path in sorted((TESTS / "sentences").glob("*.txt")):
        heading = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            written_down = line.strip()
            if written_down.startswith("["):
                heading = written_down.strip("[]")
            elif written_down and not written_down.startswith("#"):
                is_kind = heading in {"kind", "kind_subject"}
                yield Lesson(
                    text=plain_text(written_down).text,
                    harms=frozenset() if is_kind else frozenset({Harm(heading)}),
                    part=number % PARTS,
                    is_subject=heading in {"kind_subject", Harm.DECEPTIVE_SUBJECT.value},
                )


def _from_rules() -> Iterator[Lesson]:
    for language in sorted(languages()):
        book = rulebook(language)
        for number, (harm, rules) in enumerate(book.harms.items() if book else ()):
            is_subject = harm is Harm.DECEPTIVE_SUBJECT
            for texts, harms in ((rules.bad, {harm}), (rules.good, set())):
                for text in texts:
                    plain = plain_text(text).text
                    part = number % PARTS
                    yield Lesson(text=plain, harms=frozenset(harms), part=part, is_subject=is_subject)


def _from_texts() -> Iterator[Lesson]:
    """Yield sentences of whole texts: all of kind ones, of others those that harm."""
    for path in sorted((TESTS / "texts").glob("*.yaml")):
        for number, text in enumerate(YAML(typ="safe").load(path)):
            labels = frozenset(map(Harm, text.get("kinds", ())))
            yield from _sentences(text, labels, part=number % PARTS)
            if (subject := text.get("subject")) and (not labels or Harm.DECEPTIVE_SUBJECT in labels):
                harms = labels & {Harm.DECEPTIVE_SUBJECT}
                part = number % PARTS
                yield Lesson(text=plain_text(subject).text, harms=harms, part=part, is_subject=True)


def _from_shipped() -> Iterator[Lesson]:
    """Yield the sentences of our own wordings, which are kind."""
    for number, seen in enumerate(review(load_wordings(), facts=SAMPLE_FACTS)):
        for _, sentence in plain_text(text_of(seen.rendered)).sentences():
            yield Lesson(text=sentence, harms=frozenset(), part=number % PARTS)


def _sentences(text: dict[str, Any], labels: frozenset[Harm], *, part: int) -> Iterator[Lesson]:
    """Yield what a text teaches: where no rule shows which sentence harms, the longest one does."""
    sentences = [sentence for _, sentence in plain_text(text["text"]).sentences()]
    harms = {sentence: labels & _by_rules(sentence, text["language"]) for sentence in sentences}
    if labels & set(WEIGHED) and not any(harms.values()):
        harms[max(sentences, key=len)] = labels
    for sentence in sentences:
        if not labels or harms[sentence]:
            yield Lesson(text=sentence, harms=harms[sentence], part=part)


def _by_rules(sentence: str, language: str) -> frozenset[Harm]:
    remarks = lint(sentence, language=language)
    return frozenset(remark.harm for remark in remarks if not remark.weighed)


def main() -> None:
    """Write the weights."""
    content = json.dumps(train(), indent=0, ensure_ascii=False, sort_keys=True)
    WEIGHTS.parent.mkdir(exist_ok=True)
    WEIGHTS.write_text(content + "\n", encoding="utf-8")
    print(f"{WEIGHTS.name}: {len(content):,} characters")


if __name__ == "__main__":
    main()
