"""Writes the tables of `docs/replies.md` that follow from the code: the kinds, and how well they are heard.

.venv/bin/python -m scripts.write_reply_tables
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from outreach.understanding.kinds import TREATMENTS, Kind, Urgency
from outreach.understanding.understand import understand
from scripts.labeled_sentences import (
    OUR_NAMES,
    LabeledSentence,
    OutsideSentence,
    read_outside,
    read_sentences,
)

PAGE: Final = Path(__file__).parents[1] / "docs" / "replies.md"

#: What may be heard of a sentence, or missed.
OUTCOMES: Final = ("stop", "wrong person", "crisis", "other")
_CRISES: Final = {kind for kind, treatment in TREATMENTS.items() if treatment.urgency is Urgency.CRISIS}
#: A number that others read, or that is somebody else's, may be closed.
_MAY_CLOSE: Final = {Kind.OPT_OUT, Kind.WRONG_PERSON, Kind.SAFETY}


def with_tables(page: str) -> str:
    """Return the page with every table between its marks as it follows from the code today."""
    for name, table in (("kinds", kinds_table()), ("heard", heard_table()), ("outside", outside_table())):
        marked = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
        if not marked.search(page):
            raise ValueError(f"{PAGE.name}: no marks for the table of {name}")
        page = marked.sub(lambda match, table=table: f"{match[1]}{table}{match[2]}", page)  # type: ignore[misc]
    return page


def kinds_table() -> str:
    """Return a row for each kind: how soon a human sees it, and whether a machine may answer."""
    rows = [
        f"| `{kind}` | {treatment.urgency} | {'a machine' if treatment.machine else 'a human'} |"
        for kind, treatment in TREATMENTS.items()
    ]
    return "\n".join(["| kind | urgency | answered by |", "| --- | --- | --- |", *rows, ""])


def heard_table() -> str:
    """Return, by way of speaking, what was heard of the unseen sentences, and what was heard wrongly."""
    sentences = read_sentences("unseen")
    ways = sorted({sentence.way for sentence in sentences})
    rows = [_row(way, [sentence for sentence in sentences if sentence.way == way]) for way in ways]
    names = ("stops: obeyed", "missed", "wrong person: closed", "missed", "crisis: found", "missed")
    heads = [
        f"| way of speaking | {' | '.join(names)} | all others: left open | closed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*heads, *rows, _row("**all**", sentences), ""])


def outside_table() -> str:
    """Return, by set, what was heard of the sentences that came from outside, in per cent and in number."""
    sentences = read_outside()
    sets = sorted({sentence.set_name for sentence in sentences})
    rows = [
        _outside_row(name, [sentence for sentence in sentences if sentence.set_name == name]) for name in sets
    ]
    heads = [
        "| set | stops obeyed | wrong persons closed | crises found | all others closed |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*heads, *rows, _outside_row("**all**", sentences), ""])


def _outside_row(name: str, sentences: Iterable[OutsideSentence]) -> str:
    counted = Counter(outside_outcome(sentence) for sentence in sentences)
    cells = [
        _share(counted[what, what != "other"], counted[what, True] + counted[what, False])
        for what in OUTCOMES
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _share(some: int, of: int) -> str:
    return f"{100 * some / of:.1f} % ({some} of {of})"


def outside_outcome(sentence: OutsideSentence) -> tuple[str, bool]:
    """Return what was to be heard in a sentence from outside, with whether it was."""
    meaning = understand(sentence.text, our_names=OUR_NAMES)
    match sentence.expect:
        case "stop":
            return sentence.expect, bool(meaning.closes)
        case "wrong person":
            return sentence.expect, meaning.closes_address
        case "crisis":
            return sentence.expect, meaning.urgency is Urgency.CRISIS
        case "other":
            return sentence.expect, not meaning.closes
        case _:
            raise ValueError(f"{sentence.set_name}: {sentence.expect} is none of {', '.join(OUTCOMES)}")


def _row(way: str, sentences: Iterable[LabeledSentence]) -> str:
    counted = Counter(outcome for sentence in sentences for outcome in outcomes(sentence))
    cells = [counted[what, right] for what in OUTCOMES for right in (True, False)]
    return f"| {way.replace('_', ' ')} | {' | '.join(map(str, cells))} |"


def outcomes(sentence: LabeledSentence) -> list[tuple[str, bool]]:
    """Return what was to be heard in a sentence, each with whether it was."""
    meaning = understand(sentence.text, our_names=OUR_NAMES)
    found: list[tuple[str, bool]] = []
    if Kind.OPT_OUT in sentence.kinds:
        found.append(("stop", meaning.closes >= sentence.closes))
    if Kind.WRONG_PERSON in sentence.kinds:
        found.append(("wrong person", Kind.WRONG_PERSON in meaning.kinds and meaning.closes_address))
    if sentence.kinds & _CRISES:
        found.append(("crisis", meaning.urgency is Urgency.CRISIS))
    if not sentence.kinds & _MAY_CLOSE:
        found.append(("other", not meaning.closes))
    return found


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
