"""What a form posts becomes checked values, or what does not fit beside its field; never an error."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.pages.forms import (
    FORMS,
    Action,
    HoursForm,
    Misfit,
    PauseForm,
    TalkForm,
    UnlockForm,
    form_of,
    read_form,
)

TODAY = date(2026, 3, 2)
SENSIBLE: Mapping[Action, Mapping[str, str]] = {
    Action.STOP: {},
    Action.STOP_ALL: {},
    Action.UNLOCK: {"postal_code": "60601-1234", "birth_year": "1980"},
    Action.CHANNELS: {"channel": "sms", "wish": "first"},
    Action.HOURS: {"days": "mon", "begins": "09:00", "ends": "24:00"},
    Action.LANGUAGE: {"language": "es"},
    Action.PAUSE: {"span": "until", "until": "2026-04-01"},
    Action.HARDSHIP: {"said": "I lost my job."},
    Action.TALK: {"day": "2026-03-02", "part": "evening", "said": "After six."},
    Action.NOT_ME: {},
    Action.DISPUTE: {"said": "I paid this."},
    Action.UNDO: {"change": "a-change"},
}


VALUES = st.text(max_size=30) | st.sampled_from(["mon", "00:00", "24:00", "until", "0000-00-00", "1980"])


def posted(action: Action, fields: Mapping[str, str], *, asks: Sequence[str] = ()) -> object:
    lists = {name: text.split("|") for name, text in fields.items()}
    return read_form(action, lists, today=TODAY, languages=("en", "es"), asks=asks)


@pytest.mark.parametrize("action", Action)
def test_every_form_can_be_kept_and_read_back(action: Action) -> None:
    form = posted(action, SENSIBLE[action])

    assert isinstance(form, FORMS[action])
    assert form_of(form.model_dump(mode="json")) == form


@pytest.mark.parametrize(
    ("action", "fields", "misfits"),
    [
        (Action.CHANNELS, {}, {"channel": Misfit.MISSING, "wish": Misfit.MISSING}),
        (Action.CHANNELS, {"channel": "fax", "wish": "stop"}, {"channel": Misfit.NOT_OFFERED}),
        (
            Action.HOURS,
            {"days": " "},
            {"days": Misfit.MISSING, "begins": Misfit.MISSING, "ends": Misfit.MISSING},
        ),
        (Action.HOURS, {"days": "mon", "begins": "17:00", "ends": "09:00"}, {"ends": Misfit.NO_TIME_LEFT}),
        (
            Action.HOURS,
            {"days": "mon|noday", "begins": "09:00", "ends": "17:00"},
            {"days": Misfit.NOT_OFFERED},
        ),
        (Action.LANGUAGE, {"language": "tlh"}, {"language": Misfit.NOT_OFFERED}),
        (Action.PAUSE, {}, {"span": Misfit.MISSING}),
        (Action.PAUSE, {"span": "until"}, {"until": Misfit.MISSING}),
        (Action.PAUSE, {"span": "until", "until": "soon"}, {"until": Misfit.NOT_A_DAY}),
        (Action.PAUSE, {"span": "until", "until": "2026-03-02"}, {"until": Misfit.TOO_EARLY}),
        (Action.PAUSE, {"span": "until", "until": "2099-01-01"}, {"until": Misfit.TOO_FAR}),
        (Action.TALK, {"day": "2026-03-01"}, {"day": Misfit.TOO_EARLY}),
        (Action.TALK, {"said": "x" * 1001}, {"said": Misfit.TOO_LONG}),
        (Action.UNDO, {"change": "two words"}, {"change": Misfit.NOT_OFFERED}),
    ],
)
def test_what_does_not_fit_is_told_beside_its_field(
    action: Action, fields: dict[str, str], misfits: dict[str, Misfit]
) -> None:
    assert posted(action, fields) == misfits


def test_the_light_check_asks_for_what_the_agency_published_and_no_more() -> None:
    asked = posted(Action.UNLOCK, {"birth_year": "1980"}, asks=("birth_year",))

    assert asked == UnlockForm(birth_year=1980)
    unasked = posted(Action.UNLOCK, {"postal_code": "60601"}, asks=("birth_year",))

    assert unasked == {"birth_year": Misfit.MISSING}


@pytest.mark.parametrize("written", ["60601-1234", " 60601 1234", "606011234"])
def test_a_postal_code_is_read_however_it_is_written(written: str) -> None:
    assert posted(Action.UNLOCK, {"postal_code": written}) == UnlockForm(postal_code="606011234")


def test_any_time_needs_neither_days_nor_hours() -> None:
    assert posted(Action.HOURS, {"any_time": "yes"}) == HoursForm(any_time=True)


def test_words_are_kept_without_what_only_hides_others() -> None:
    form = posted(Action.TALK, {"said": " first\r\nsecond\x00\u202e "})

    assert isinstance(form, TalkForm)
    assert form.said == "first\nsecond"


@pytest.mark.parametrize(
    ("span", "today", "ends"),
    [
        ("two_weeks", date(2026, 3, 2), date(2026, 3, 16)),
        ("month", date(2026, 3, 2), date(2026, 4, 2)),
        ("month", date(2026, 1, 31), date(2026, 2, 28)),
        ("month", date(2026, 12, 31), date(2027, 1, 31)),
        ("end", date(2026, 3, 2), None),
    ],
)
def test_a_pause_ends_on_a_day_that_there_is(span: str, today: date, ends: date | None) -> None:
    assert PauseForm.model_validate({"span": span}).first_day_after(today) == ends


@given(
    action=st.sampled_from(Action),
    fields=st.dictionaries(
        st.sampled_from(["days", "begins", "until", "day", "said", "change", "birth_year", "span", "action"])
        | st.text(max_size=8),
        st.lists(
            st.text(max_size=30) | st.sampled_from(["mon", "00:00", "24:00", "until", "0000-00-00"]),
            max_size=4,
        ),
        max_size=6,
    ),
)
def test_whatever_is_posted_is_a_form_or_misfits(action: Action, fields: dict[str, list[str]]) -> None:
    form = read_form(action, fields, today=TODAY, languages=("en",), asks=("birth_year",))

    if isinstance(form, dict):
        assert form
        assert set(form.values()) <= set(Misfit)
    else:
        assert isinstance(form, FORMS[action])
