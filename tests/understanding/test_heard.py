"""How well each way of speaking is heard, on sentences that the model never saw."""

from collections import Counter

from scripts.labeled_sentences import read_sentences
from scripts.write_reply_tables import PAGE, outcomes, with_tables

HEARD = Counter(outcome for sentence in read_sentences("testing") for outcome in outcomes(sentence))


def share(what: str) -> float:
    return HEARD[what, True] / (HEARD[what, True] + HEARD[what, False])


def test_the_page_says_how_it_is_today() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_tables(page), "run: .venv/bin/python -m scripts.write_reply_tables"


def test_a_stop_and_a_wrong_person_are_heard() -> None:
    assert share("stop") >= 0.95
    assert share("wrong person") >= 0.90


def test_every_crisis_is_found() -> None:
    assert share("crisis") == 1.0


def test_hardly_any_other_answer_closes_anything() -> None:
    assert share("other") >= 0.98


def test_there_are_enough_sentences_and_none_is_for_training_and_testing() -> None:
    training, testing = read_sentences("training"), read_sentences("testing")

    assert len(training) + len(testing) >= 1_500
    assert {sentence.way for sentence in training} <= {sentence.way for sentence in testing}
    common = {sentence.text.casefold() for sentence in training} & {
        sentence.text.casefold() for sentence in testing
    }
    assert common == set()


def test_the_same_sentence_is_never_labeled_twice() -> None:
    twice = Counter(
        (sentence.way, sentence.text) for part in ("training", "testing") for sentence in read_sentences(part)
    )

    assert [text for text, times in twice.items() if times > 1] == []
