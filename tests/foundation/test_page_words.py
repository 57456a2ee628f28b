"""A language is added by a file, and one that is half done is refused."""

from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.pages.words import WordsIncomplete, pick_language, read_words

ENGLISH = """\
name = "English"
locale = "en_US"
day = "EEEE, MMMM d"
[done]
title = "Done"
until = "Until {time}."
"""
GERMAN = """\
name = "Deutsch"
locale = "de_DE"
day = "EEEE, d. MMMM"
[done]
title = "Fertig"
until = "Bis {time}."
"""


def folder_of(tmp_path: Path, **files: str) -> Path:
    for language, text in files.items():
        (tmp_path / f"{language}.toml").write_text(text)
    return tmp_path


def test_a_file_adds_a_language(tmp_path: Path) -> None:
    words = read_words(folder_of(tmp_path, de=GERMAN, en=ENGLISH))

    assert list(words) == ["en", "de"]
    assert words["de"].say("done.until", time="12") == "Bis 12."
    assert words["de"].day(date(2026, 3, 2)) == "Montag, 2. März"
    assert (words["en"].clock(time(15, 20)), words["de"].clock(time(15, 20))) == ("3:20\u00a0PM", "15:20")
    assert (words["en"].tongue("de-AT"), words["de"].tongue("en"), words["en"].tongue("x")) == (
        "German",
        "Englisch",
        "x",
    )


@pytest.mark.parametrize(
    ("german", "problem"),
    [
        (GERMAN.replace('title = "Fertig"\n', ""), "de.toml: done.title is missing"),
        (GERMAN + 'more = "Mehr"\n', "de.toml: done.more is said nowhere; take it out"),
        (GERMAN.replace("{time}", "zwölf"), "de.toml: done.until must name time"),
        (GERMAN.replace("Fertig", "{wer} fertig"), "de.toml: done.title must name no fact"),
        (GERMAN.replace("Fertig", " "), "de.toml: cannot be read: done.title must be a text"),
        (GERMAN.replace("de_DE", "xx_YY"), "de.toml: cannot be read"),
        (GERMAN.replace('locale = "de_DE"\n', ""), "de.toml: cannot be read"),
        ("name = ", "de.toml: cannot be read"),
    ],
)
def test_half_a_language_is_refused(tmp_path: Path, german: str, problem: str) -> None:
    with pytest.raises(WordsIncomplete) as refused:
        read_words(folder_of(tmp_path, de=german, en=ENGLISH))

    assert [told.startswith(problem) for told in refused.value.problems] == [True]


def test_without_english_there_are_no_words(tmp_path: Path) -> None:
    with pytest.raises(WordsIncomplete, match=r"en\.toml: is missing"):
        read_words(folder_of(tmp_path, de=GERMAN))


def test_a_fact_that_ends_with_a_full_stop_ends_the_sentence(tmp_path: Path) -> None:
    words = read_words(folder_of(tmp_path, en=ENGLISH))

    assert words["en"].say("done.until", time="3 p.m.") == "Until 3 p.m."


@pytest.mark.parametrize(
    ("wanted", "accepted", "picked"),
    [
        ([None], None, "en"),
        (["es"], "en", "es"),
        (["es-US"], "en", "es"),
        (["fr", "es"], "en", "es"),
        ([None], "es-MX,es;q=0.9,en;q=0.8", "es"),
        ([None], "fr;q=1, en;q=0.1, es;q=0.2", "es"),
        ([None], "es;q=0", "en"),
        ([None], "fr", "en"),
        ([None], "*", "en"),
        (["../../etc"], ";;q=,es;q=9", "en"),
    ],
)
def test_the_language_is_the_wanted_one_else_the_browsers(
    wanted: list[str | None], accepted: str | None, picked: str
) -> None:
    assert pick_language(("en", "es"), *wanted, accepted=accepted) == picked


@given(wanted=st.text(max_size=20), accepted=st.text(max_size=60) | st.from_regex(r"[a-z*,;=q.0-9 -]{0,40}"))
def test_whatever_a_browser_sends_a_language_is_picked(wanted: str, accepted: str) -> None:
    assert pick_language(("en", "es"), wanted, accepted=accepted) in {"en", "es"}
