"""How well each way of speaking is heard, on sentences that neither rules nor model were made from."""

from collections import Counter

import pytest

from scripts.labeled_sentences import read_outside, read_sentences
from scripts.write_reply_tables import OUTCOMES, PAGE, outcomes, outside_outcome, with_tables

PARTS = ("training", "testing", "unseen")
HEARD = {
    part: Counter(outcome for sentence in read_sentences(part) for outcome in outcomes(sentence))
    for part in ("testing", "unseen")
}
#: `testing` is what was missed once, and is heard since.
EACH = pytest.mark.parametrize("part", HEARD)


def share(what: str, part: str) -> float:
    heard = HEARD[part]
    return heard[what, True] / (heard[what, True] + heard[what, False])


def test_the_page_says_how_it_is_today() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_tables(page), "run: .venv/bin/python -m scripts.write_reply_tables"


@EACH
def test_a_stop_and_a_wrong_person_are_heard(part: str) -> None:
    assert share("stop", part) >= 0.95
    assert share("wrong person", part) >= 0.90


@EACH
def test_every_crisis_is_found(part: str) -> None:
    assert share("crisis", part) == 1.0


@EACH
def test_hardly_any_other_answer_closes_anything(part: str) -> None:
    assert share("other", part) >= 0.98


def test_what_people_from_outside_wrote_is_heard_as_well() -> None:
    heard = Counter(outside_outcome(sentence) for sentence in read_outside())
    shares = {what: heard[what, True] / (heard[what, True] + heard[what, False]) for what in OUTCOMES}

    assert shares["stop"] >= 0.95
    assert shares["wrong person"] >= 0.90
    assert shares["other"] >= 0.98
    assert shares["crisis"] >= 0.98


def test_there_are_enough_sentences_and_none_is_in_two_parts() -> None:
    texts = {part: [sentence.text.casefold() for sentence in read_sentences(part)] for part in PARTS}
    outside = {sentence.text.casefold() for sentence in read_outside()}
    everything = [*outside, *(text for part in PARTS for text in set(texts[part]))]

    assert len(everything) >= 1_500
    assert len(everything) == len(set(everything))


def test_every_way_of_speaking_is_learned_and_asked() -> None:
    learned, tested, unseen = ({sentence.way for sentence in read_sentences(part)} for part in PARTS)

    assert tested == unseen
    assert tested <= learned


def test_the_same_sentence_is_never_labeled_twice() -> None:
    twice = Counter((sentence.way, sentence.text) for part in PARTS for sentence in read_sentences(part))

    assert [text for text, times in twice.items() if times > 1] == []
