"""Names: nobody is called N/A, shouted at, or written to as if they lived."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.words import Channel
from outreach.wording.given_names import name_to_call, tells_of_death
from outreach.wording.render import RenderedSms, render
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.wordings import load_wordings

WORDINGS = load_wordings()


@pytest.mark.parametrize(
    "field",
    [
        *("N/A", "n/a", "NA", "na", "N.A.", "null", "NULL", "None", "nan", "Unknown", "UNKNOWN UNKNOWN"),
        *("First Name", "no name", "Not Available", "sin nombre", "Desconocido", "TBD", "XXX", "test"),
        *("-", ".", "--", "?", "", "  ", "\u200b", "123", "Ada 4711", "(do not call)", "()", "😀"),
        *("Mr", "MR.", "Mrs", "Ms.", "Dr", "Mr. Dr.", "Sra.", "Mr Unknown"),
        *("ada@example.com", "https://example.com", "www.example.com", "example.com"),
        *(
            "bit.ly",
            "Ada bit.ly/x",
            "evil.example",
            "t.me/abc",
            "Go to evil.shop now",
            "hxxp://x",
            "www evil",
        ),
        *(
            "evil\u3002example",
            "evil\uff0ecom",
            "evil\u2024com",
            "evil.\u0440\u0444",
            "xn--e1afmkfd.xn--p1ai",
        ),
        *("mailto:x", "tel:x", "javascript:alert", "<b>Ada</b>", "Ada/Bob", "ada_evil"),
        *(
            "call 303 555 0100",
            "\uff13\uff10\uff13",
            "\u0663\u0660\u0663",
            "Ada, your account is locked",
            "Pay now!!! Ada",
        ),
        *("We have your money so call us", "A" * 60),
    ],
)
def test_what_is_no_name_is_left_out(field: str) -> None:
    assert name_to_call(field) is None


@pytest.mark.parametrize(
    ("field", "name"),
    [
        *[("Ada", "Ada"), ("ada", "ada"), ("McGregor", "McGregor"), ("DeShawn", "DeShawn"), ("Na", "Na")],
        *[("Ada (do not call)", "Ada"), ("Ada [VIP]", "Ada"), ("Ada (deaf", "Ada"), ("Mr. Ada", "Ada")],
        *[("MARIA", "Maria"), ("O'BRIEN", "O'Brien"), ("O’BRIEN", "O’Brien"), ("JEAN-LUC", "Jean-Luc")],
        *[("MCGREGOR", "McGregor"), ("MARÍA DE LA LUZ", "María de la Luz"), ("ŁUKASZ", "Łukasz")],
        *[("AJ", "AJ"), ("J.J.", "J.J"), ("JO", "Jo"), ("J", "J")],
        *[("Ada,", "Ada"), ("*Ada*", "Ada"), ("Inés", "Inés"), ("小林", "小林"), ("Ngọc", "Ngọc")],
    ],
)
def test_a_name_is_said_as_one_would_say_it(field: str, name: str) -> None:
    assert name_to_call(field) == name


@pytest.mark.parametrize(
    ("field", "name"),
    [("St.John", "St. John"), ("MARY.ANN", "Mary. Ann"), ("M.Ann", "M. Ann"), ("J.R.R. Ada", "J.R.R. Ada")],
)
def test_a_dot_joins_no_name_to_what_a_phone_makes_a_link_of(field: str, name: str) -> None:
    assert name_to_call(field) == name


def test_a_name_from_right_to_left_does_not_turn_the_line() -> None:
    assert name_to_call("محمد") == "\u2068محمد\u2069"


@given(st.text(max_size=40))
def test_a_name_is_a_name_whatever_the_field_holds(field: str) -> None:
    name = name_to_call(field)

    assert name is None or any(letter.isalpha() for letter in name)


@pytest.mark.parametrize(
    "field",
    [
        *("Estate of Ada Example", "THE ESTATE OF ADA", "Ada (deceased)", "Ada Dec'd", "Ada DECD"),
        *("The late Ada", "Late Ada", "Ada R.I.P.", "RIP Ada", "Heirs of Ada"),
        *("Sucesión de Ada", "SUCESION DE ADA", "Herederos de Ada", "Ada (fallecida)", "Ada, difunta"),
    ],
)
def test_a_name_may_tell_of_a_death(field: str) -> None:
    assert tells_of_death(None, field)


@pytest.mark.parametrize("field", [None, "", "Ada", "Rip", "Estella", "Declan", "Latesha", "Ada Latham"])
def test_a_name_mostly_tells_of_none(field: str | None) -> None:
    assert not tells_of_death(field)


@pytest.mark.parametrize("field", ["N/A", "Unknown", "Mr", "ada@example.com"])
def test_a_message_to_nobody_in_particular_is_still_sent(field: str) -> None:
    facts = {**SAMPLE_FACTS, "person": {"given_name": field}}
    nameless = {**SAMPLE_FACTS, "person": {}}

    texts = [
        render(WORDINGS, name="payment_thanks", channel=Channel.SMS, language="en", facts=named)
        for named in (facts, nameless)
    ]

    assert isinstance(texts[0], RenderedSms)
    assert texts[0] == texts[1]
