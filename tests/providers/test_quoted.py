"""What somebody wrote, without what their mail program put around it; never less than what they wrote."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.providers.quoted import text_of_html, written_text

OURS = "Hello Ada,\n\nReply STOP to stop these emails."
MARKED = "> " + OURS.replace("\n", "\n> ")


FORMS = tomllib.loads((Path(__file__).parent / "mail_forms.toml").read_text(encoding="utf-8"))
TEXT = "I lost my job.\nCan we talk?"


def kept_too_much(forms: Mapping[str, str]) -> dict[str, str]:
    """Return what is left of an answer where that is not just what the person wrote."""
    left = {
        name: written_text(form.format(text=TEXT, ours=OURS, marked=MARKED)) for name, form in forms.items()
    }
    return {name: text for name, text in left.items() if text != TEXT}


def test_what_a_mail_program_quotes_is_cut() -> None:
    assert kept_too_much(FORMS["replies"]) == {}


def test_what_is_forwarded_is_cut() -> None:
    assert kept_too_much(FORMS["forwards"]) == {}


def test_line_ends_of_windows_change_nothing() -> None:
    assert kept_too_much({name: form.replace("\n", "\r\n") for name, form in FORMS["replies"].items()}) == {}


def test_signatures_and_small_print_are_cut() -> None:
    assert kept_too_much({below: "{text}\n\n" + below for below in FORMS["small_print"]}) == {}


def test_what_an_office_puts_above_every_email_is_cut() -> None:
    above = "CAUTION: This email originated from outside the organization.\nDo not click.\n\n{text}"

    assert kept_too_much({"banner": above, "mark": "[EXTERNAL]\n{text}"}) == {}


def test_of_a_reaction_that_a_mail_program_tells_of_the_picture_is_left() -> None:
    assert written_text("👍\n\nAda Example reacted via Gmail <https://mail.example>\n\n" + MARKED) == "👍"
    assert written_text("👎 Ada Example reacted to your message:\n" + MARKED) == "👎"


@pytest.mark.parametrize(
    "text",
    [
        "Hi,\n\nTo stop receiving these emails what do I click?",
        "Hello\n\nTo opt out do I have to visit you?",
        "Hello\n\nTo: whom it may concern, stop",
        "Caution, I will not pay.\n\nStop emailing me",
        "On Monday I wrote: stop",
    ],
)
def test_what_a_person_writes_like_small_print_stays(text: str) -> None:
    assert written_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "> STOP",
        "-- \nSTOP",
        "Sent from my heart: stop",
        "CONFIDENTIAL NOTICE stop",
        "He wrote:",
        "-----Original Message-----",
    ],
)
def test_where_cutting_would_leave_nothing_nothing_is_cut(text: str) -> None:
    assert written_text(text) == text


@given(st.text(max_size=300))
def test_no_text_is_lost_altogether(text: str) -> None:
    assert bool(written_text(text)) == bool(text.strip())


@given(st.text(alphabet="ab<>/div =\"'&;bqlockuote\n", max_size=200))
def test_no_page_is_too_odd_to_read(page: str) -> None:
    assert isinstance(text_of_html(page), str)


def test_the_quotation_in_a_page_is_marked_and_cut() -> None:
    written = {name: written_text(text_of_html(page)) for name, page in FORMS["pages"].items()}

    assert written == dict.fromkeys(FORMS["pages"], "Please stop.")


def test_words_in_other_letters_stay_apart() -> None:
    assert (
        text_of_html("<p>Please <b>do not</b> <i>text</i>\n me<br>a<b>ny</b>more</p>")
        == "Please do not text me\nanymore"
    )
