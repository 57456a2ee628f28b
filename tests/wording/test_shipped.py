"""The texts we ship: kind, clear, short enough, and silent where strangers may look."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from outreach.model.words import Channel
from outreach.wording.render import RenderedEmail, RenderedSms, render
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.sms import measure
from outreach.wording.tone.lint import lint
from outreach.wording.tone.telling import lint_transparency
from outreach.wording.wordings import Key, load_wordings

WORDINGS = load_wordings()
NAMES = (
    "introduction",
    "instalment_reminder",
    "missed_instalment",
    "payment_thanks",
    "check_in",
    "plan_confirmation",
    "promise_reminder",
    "payment_failed",
    "closure",
    "dispute_acknowledgement",
    "opt_out_confirmation",
    "opt_in_confirmation",
    "help_reply",
    "consent_request",
    "reply_acknowledgement",
    "human_reply",
)
#: Answers to a keyword or a question; the person knows what they are about.
ANSWERS = frozenset(
    {"opt_out_confirmation", "opt_in_confirmation", "help_reply", "reply_acknowledgement", "human_reply"}
)
PROPER_NAMES = ("Harbor Recovery", "Elm Bank", "1 Main Street, Springfield, IL 62701")
DEBT_WORDS = re.compile(r"debt|deuda|owe|debe|collect|cobr|balance|saldo", re.IGNORECASE)
EVERYTHING = pytest.mark.parametrize("language", ["en", "es"])
EACH = pytest.mark.parametrize("name", NAMES)


#: Of the first text to a person, which has a link to their choices.
FIRST = {
    **SAMPLE_FACTS,
    "links": {**SAMPLE_FACTS["links"], "preferences_first": SAMPLE_FACTS["links"]["preferences"]},
}


def a_text(name: str, language: str, *, facts: Mapping[str, Any] = SAMPLE_FACTS, **more: Any) -> RenderedSms:
    rendered = render(WORDINGS, name=name, channel=Channel.SMS, language=language, facts=facts, **more)
    assert isinstance(rendered, RenderedSms)
    return rendered


def an_email(name: str, language: str, **more: Any) -> RenderedEmail:
    rendered = render(
        WORDINGS, name=name, channel=Channel.EMAIL, language=language, facts=SAMPLE_FACTS, **more
    )
    assert isinstance(rendered, RenderedEmail)
    return rendered


@EVERYTHING
@EACH
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_every_wording_is_written_for_every_language_and_channel(
    name: str, language: str, channel: Channel
) -> None:
    assert Key(language, name, channel) in WORDINGS.templates


@EVERYTHING
@EACH
def test_no_text_is_unkind(name: str, language: str) -> None:
    assert lint(a_text(name, language).body, language=language, names=PROPER_NAMES) == []


@EVERYTHING
@EACH
def test_no_email_is_unkind(name: str, language: str) -> None:
    email = an_email(name, language)

    assert lint(email.text, language=language, subject=email.subject, names=PROPER_NAMES) == []


@EVERYTHING
@EACH
def test_everybody_learns_who_writes_for_whom_and_what_they_can_do(name: str, language: str) -> None:
    creditor = None if name in ANSWERS else "Elm Bank"

    for text in (a_text(name, language).body, an_email(name, language).text):
        assert lint_transparency(text, agency="Harbor Recovery", creditor=creditor, language=language) == []


@EVERYTHING
@EACH
def test_a_text_takes_no_more_than_two_segments(name: str, language: str) -> None:
    assert a_text(name, language).segments <= 2


@EVERYTHING
@EACH
def test_the_first_text_takes_no_more_than_three_with_the_link_to_choices(name: str, language: str) -> None:
    text = a_text(name, language, facts=FIRST)

    assert (text.segments <= 3, text.given_up) == (True, ())
    # Whoever has just stopped is told how to start again, and nothing else.
    assert ("/p/" in text.body) is (name != "opt_out_confirmation")


@EVERYTHING
def test_a_text_with_the_longest_notice_takes_no_more_than_three(language: str) -> None:
    assert a_text("introduction", language, required={"debt_collection_first"}).segments <= 3


@EVERYTHING
@EACH
def test_every_text_says_how_to_stop_or_start(name: str, language: str) -> None:
    assert re.search(r"\b(STOP|START)\b", a_text(name, language).body)


@EVERYTHING
@EACH
def test_every_email_says_how_to_stop_in_both_its_parts(name: str, language: str) -> None:
    email = an_email(name, language)

    assert "https://outreach.example.com/unsubscribe/token" in email.text
    assert 'href="https://outreach.example.com/unsubscribe/token"' in email.html


@EVERYTHING
@EACH
def test_no_subject_tells_a_stranger_of_a_debt(name: str, language: str) -> None:
    subject = an_email(name, language).subject

    assert not DEBT_WORDS.search(subject)
    assert not re.search(r"\d|\$|Elm Bank|Ada", subject)


@EVERYTHING
@EACH
def test_no_text_tells_a_stranger_what_is_owed(name: str, language: str) -> None:
    body = a_text(name, language).body

    assert "320" not in body
    assert "EB-4471" not in body
    assert not DEBT_WORDS.search(body)


@EACH
def test_no_text_can_name_the_balance(name: str) -> None:
    assert "debt.balance" not in WORDINGS.templates[Key("en", name, Channel.SMS)].names


@EVERYTHING
@EACH
def test_both_parts_of_an_email_say_the_same(name: str, language: str) -> None:
    email = an_email(name, language)

    page = re.sub(r"<head>.*</head>", "", email.html, flags=re.DOTALL)
    heard = set(re.findall(r"\w+", re.sub(r'<a href="([^"]*)"[^>]*>|<[^>]+>', r" \1 ", page)))
    assert set(re.findall(r"\w+", email.text)) <= heard


@EVERYTHING
@EACH
def test_an_email_looks_the_same_where_style_sheets_are_cut_away(name: str, language: str) -> None:
    html = an_email(name, language).html

    assert "<style" not in html
    assert '<p style="margin' in html


def test_spanish_texts_keep_to_letters_that_do_not_double_their_length() -> None:
    for name in NAMES:
        assert measure(a_text(name, "es").body).encoding == "gsm7", name


def test_the_sample_of_an_agencys_own_words_keeps_the_same_promises() -> None:
    own = load_wordings(Path(__file__).parents[2] / "deploy" / "config" / "templates")

    for language in ("en", "es"):
        text = render(own, name="check_in", channel=Channel.SMS, language=language, facts=SAMPLE_FACTS)
        assert isinstance(text, RenderedSms)
        assert lint(text.body, language=language, names=PROPER_NAMES) == []
        assert text.segments <= 2
        assert text.body != a_text("check_in", language).body
