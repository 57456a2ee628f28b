"""The lint of tone: what should never be said to somebody who owes money is found, what is kind passes."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from outreach.wording.readability import reading_age
from outreach.wording.tone.harms import UNBEARABLE, Harm, Remark
from outreach.wording.tone.lint import lint
from outreach.wording.tone.rulebook import languages, rulebook
from outreach.wording.tone.telling import lint_telling, lint_transparency
from outreach.wording.tone.weighing import features, scales
from scripts.train_tone import lessons_from_sentences

TEXTS = Path(__file__).parent / "texts"
#: Of the texts that have been taken in; those who change rules see at once what they cost.
CAUGHT, FLAGGED = 0.96, 0.03


def harms(text: str, language: str = "en", **more: Any) -> set[Harm]:
    return {remark.harm for remark in lint(text, language=language, **more)}


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_examples_beside_the_rules_are_true(language: str) -> None:
    book = rulebook(language)
    assert book is not None
    missed, flagged = [], []
    for harm, rules in book.harms.items():
        assert rules.bad
        assert rules.good
        missed += [(harm, text) for text in rules.bad if harm not in said(harm, text, language)]
        flagged += [(harm, text) for text in rules.good if said(harm, text, language)]

    assert missed == []
    assert flagged == []


def said(harm: Harm, text: str, language: str) -> set[Harm]:
    is_subject = harm is Harm.DECEPTIVE_SUBJECT
    return harms("", language, subject=text) if is_subject else harms(text, language)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_language_knows_every_harm_of_words(language: str) -> None:
    book, english = rulebook(language), rulebook("en")
    assert book is not None
    assert english is not None

    assert book.harms.keys() == english.harms.keys()


def remarks_on(written: dict[str, str]) -> list[Remark]:
    text, language = written["text"], written["language"]
    remarks = lint(text, language=language, subject=written.get("subject"))
    return remarks + lint_telling(text, language=language)


def texts(name: str) -> list[Any]:
    return [text for file in sorted(TEXTS.glob(f"*_{name}.yaml")) for text in YAML(typ="safe").load(file)]


def test_of_texts_that_harm_nearly_all_are_caught_by_their_own_harm() -> None:
    bad = texts("bad")
    missed = [
        text["id"]
        for text in bad
        if not {str(remark.harm) for remark in remarks_on(text)} & set(text["kinds"])
    ]

    assert len(bad) > 150
    assert len(missed) <= (1 - CAUGHT) * len(bad), missed


def test_of_kind_texts_hardly_any_is_flagged() -> None:
    good = texts("good")
    flagged = {text["id"]: remarks for text in good if (remarks := remarks_on(text))}

    assert len(good) > 150
    assert len(flagged) <= FLAGGED * len(good), flagged


@pytest.mark.parametrize(
    ("kind", "unkind"),
    [
        ("We will not take legal action.", "We will take legal action."),
        ("No one will come to your home.", "Someone will come to your home."),
        ("We cannot sue you for this.", "We can sue you for this."),
        ("Nobody here will tell your boss.", "If you do not reply we will tell your boss."),
        ("Legal action is not what we want for you.", "Legal action is what follows."),
        ("There is no deadline and no hurry.", "Do not wait another day."),
        ("You will not be arrested for a debt.", "If you do not pay you will be arrested."),
        ("We won't go to court.", "We won't hesitate to go to court."),
    ],
)
def test_a_clause_that_says_no_takes_back_its_own_words_and_no_others(kind: str, unkind: str) -> None:
    assert harms(kind) == set()
    assert harms(unkind) != set()


def test_a_remark_shows_the_words_as_they_were_written() -> None:
    [remark] = lint("Good day. We can  garnish\nyour Wages.")

    assert remark.words == "garnish"
    assert remark.is_error


@pytest.mark.parametrize(
    "text",
    [
        "We will t\u200bake le\u200bgal act\u200bion.",
        "WE WILL TAKE LEGAL ACTION.",
        "We will take\nlegal\naction.",
        "We will take “legal” action.",
        "Tomaremos acciones legales",
    ],
    ids=["invisible characters", "capitals", "wrapped lines", "quotes", "Spanish"],
)
def test_words_are_found_however_they_are_written(text: str) -> None:
    assert Harm.THREAT in harms(text, "es" if "Tomaremos" in text else "en")


@pytest.mark.parametrize(
    ("text", "loud"),
    [
        ("Reply STOP to opt out, HELP for help.", False),
        ("Reply YES, NO or LATER.", False),
        ("NFCC counselors are free. Your EOB and PDF came by USPS.", False),
        ("Thank you, Ada!", False),
        ("Call us NOW.", True),
        ("Please call us!", True),
        ("This is IMPORTANT.", True),
        ("Thanks!! Bye!!", True),
        ("YOUR ACCOUNT NEEDS AN ANSWER", True),
    ],
)
def test_who_shouts_is_heard_and_words_to_type_are_not(text: str, loud: bool) -> None:
    assert (Harm.SHOUTING in harms(text)) is loud


def test_a_language_without_rules_is_looked_through_for_what_has_no_words() -> None:
    assert harms("Payez! Payez! Payez!", "fr") == {Harm.SHOUTING}
    assert harms("Bonjour, comment allez-vous ?", "fr") == set()


def test_a_proper_name_is_nobodys_fault() -> None:
    assert harms("ACME CREDITOR COURT LLC says hello.", names=["ACME CREDITOR COURT LLC"]) == set()


def test_more_than_one_question_is_too_much_and_a_prompt_is_none() -> None:
    assert Harm.QUESTIONS in harms("Can you pay it? When would that be?")
    assert harms("Questions? Would Monday suit you?") == set()


def test_what_a_message_does_not_tell_is_found() -> None:
    remarks = lint_transparency("Hello.", agency="Harbor Recovery", creditor="Elm Bank")

    assert [remark.harm for remark in remarks] == [
        Harm.MISSING_WHO,
        Harm.MISSING_FOR_WHOM,
        Harm.MISSING_WHAT_YOU_CAN_DO,
    ]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("There is a balance with Elm Bank. Call 312-555-0100.", {Harm.MISSING_WHO}),
        ("Please call 312-555-0100 about your account.", {Harm.MISSING_WHO}),
        ("This is Harbor Recovery. Call 312-555-0100 about your balance.", {Harm.MISSING_FOR_WHOM}),
        ("Harbor Recovery for Elm Bank: your account is past due.", {Harm.MISSING_WHAT_YOU_CAN_DO}),
        ("We have stopped. You need not answer.", set()),
        ("Got it, thank you.", set()),
        ("We cannot sue you for this debt.", set()),
    ],
)
def test_a_whole_message_says_who_for_whom_and_what_can_be_done(text: str, missing: set[Harm]) -> None:
    assert {remark.harm for remark in lint_telling(text, language="en")} == missing


@pytest.mark.parametrize(
    "written",
    [
        "a",
        "a@",
        "we will not tell your ",
        "Ruth Vega ",
        "AB CD ",
        "Is it so? ",
        "Solano for Elm Bank can wait. ",
    ],
)
def test_a_long_text_is_walked_once(written: str) -> None:
    """Where the time grew with the square of the length, the suite's patience ended before."""
    text = (written * 50_000)[:50_000]

    remarks = lint(text) + lint_telling(text, language="en")

    assert all(remark.harm in Harm for remark in remarks)


def test_of_a_long_text_no_part_is_left_unread() -> None:
    long = "We would like to hear how you are. " * 300

    assert Harm.THREAT in harms(f"{long}We will sue.")
    assert Harm.SHOUTING in harms(f"{long}CALL US NOW!!")


HARD = (
    "Notwithstanding any previously communicated correspondence regarding the aforementioned "
    "institutional documentation, individuals experiencing considerable difficulties are invited "
    "to participate in comprehensive conversations concerning alternative arrangements."
)


def test_a_text_too_hard_to_read_is_found() -> None:
    assert Harm.READING_AGE in harms(HARD)


def test_reading_age_is_what_the_formula_says() -> None:
    ten_sentences_of_three_short_words = "We like you. " * 10

    assert reading_age(ten_sentences_of_three_short_words, language="en") == pytest.approx(
        0.39 * 3 + 11.8 * 1 - 15.59 + 5
    )


def test_a_short_text_says_nothing_of_its_reader() -> None:
    assert reading_age("Notwithstanding institutional documentation.", language="en") is None


def test_what_no_rule_knows_may_be_weighed_and_is_advice_alone() -> None:
    weighed = [
        (text["id"], remark)
        for text in texts("bad")
        for remark in remarks_on(text)
        if remark.weighed and remark.harm in UNBEARABLE
    ]

    assert weighed
    assert not any(remark.is_error for _, remark in weighed)
    assert all(remark.suggestion and remark.words for _, remark in weighed)


def test_the_model_says_nothing_where_a_rule_has_said_something_or_taken_it_back() -> None:
    by_rule, taken_back = "We can take you to court.", "Nobody here will take you to court."

    assert [remark.weighed for remark in lint(by_rule)] == [()]
    assert lint(taken_back) == []


@pytest.mark.parametrize("harm", sorted(scales()))
def test_what_weighs_for_a_harm_is_not_said_by_kind_sentences(harm: Harm) -> None:
    """What is learned is known: of the kind sentences that it was learned from hardly any weighs enough."""
    scale = scales()[harm]
    kind = [
        lesson
        for lesson in lessons_from_sentences()
        if not lesson.harms and lesson.is_subject is (harm is Harm.DECEPTIVE_SUBJECT)
    ]

    heavy = [lesson.text for lesson in kind if scale.log_odds(features(lesson.text)) >= scale.enough]

    assert len(kind) > 50
    assert len(heavy) <= 1, heavy
