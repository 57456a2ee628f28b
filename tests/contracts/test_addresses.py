"""One form of every address: what reaches the same person compares equal, however it is spelled."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.addresses import canonical_address, comparable, is_same_address, reaches

PHONE = "+13035550106"
PHONES = [
    "+1-303-555-0106",
    "tel:+13035550106",
    "+1(303)555-0106",
    "+1 303 555 0106",
    "+1.303.555.0106",
    "\uff0b\uff11\uff13\uff10\uff13\uff15\uff15\uff15\uff10\uff11\uff10\uff16",
]
EMAIL = "ada.smith@example.com"
EMAILS = [
    "Ada.Smith@Example.com",
    "ada.smith@example.com.",
    '"ada.smith"@example.com',
    '"ada\\.smith"@example.com',
    "ada.smith(c)@example.com",
    "(c)ada.smith@(d (e) f)example.com",
    "mailto:ada.smith@example.com",
    " ada.smith@EXAMPLE.COM ",
    "\uff41da.smith@example.com",
    "ada.smith@example\u3002com",
    "ada.smith@\uff45xample.com",
]
BUECHER = "ada@xn--bcher-kva.example"
BUECHERS = [
    "ada@bücher.example",
    "ada@" + unicodedata.normalize("NFD", "bücher") + ".example",
    "ada@BÜCHER.example",
    "ada@bücher\u3002example",
    "ada@\uff42ücher.example",
    "ada@XN--BCHER-KVA.example",
]


@pytest.mark.parametrize(
    ("form", "spelling"),
    [
        *((PHONE, spelling) for spelling in PHONES),
        ("+441312345678", "+4401312345678"),
        *((EMAIL, spelling) for spelling in EMAILS),
        *((BUECHER, spelling) for spelling in BUECHERS),
        ("jos\u00e9@example.com", "jose\u0301@example.com"),
        ("stra\u0073se@example.com", "stra\u00dfe@example.com"),
        ("ada@xn--i-7iq.example", "ada@i\u2764.example"),
        ('"ada smith"@example.com', '"Ada\\ Smith"@example.com'),
        ('"ada@work"@example.com', '"ada@work"@example.com'),
    ],
)
def test_every_spelling_of_an_address_has_one_form(form: str, spelling: str) -> None:
    assert canonical_address(spelling) == form
    assert is_same_address(spelling, form)


def test_a_tag_after_a_plus_is_another_mailbox() -> None:
    assert canonical_address("Ada+Loans@example.com") == "ada+loans@example.com"
    assert not is_same_address("ada+loans@example.com", "ada@example.com")


@pytest.mark.parametrize(
    "text",
    ["3035550106", "(303)555-0106", "0013035550106", "13035550106", "", "@", "ada@", "@example.com", "\\",
     "a b@c.d", "ada", "ada@exa mple.com", "ada(@example.com", "ada)@example.com", '"ada@example.com',
     "ada..s@example.com", "+", "+0", "+1 303 CALL ADA", "a" * 1000 + "@example.com"],
)  # fmt: skip
def test_what_names_nobody_in_particular_cannot_be_read(text: str) -> None:
    assert canonical_address(text) is None
    assert not reaches("sms", text)
    assert not reaches("email", text)


@pytest.mark.parametrize(
    ("channel", "address", "is_reached"),
    [("sms", PHONE, True), ("voice", PHONE, True), ("email", EMAIL, True), ("sms", EMAIL, False),
     ("email", PHONE, False)],
)  # fmt: skip
def test_a_channel_is_reached_by_its_own_kind_of_address(
    channel: str, address: str, is_reached: bool
) -> None:
    assert reaches(channel, address) is is_reached


@given(st.text(max_size=40) | st.sampled_from([*PHONES, *EMAILS, *BUECHERS]))
def test_a_canonical_form_is_its_own(text: str) -> None:
    form = canonical_address(text)

    assert form is None or canonical_address(form) == form
    assert comparable(comparable(text)) == comparable(text)


@given(st.from_regex(r"\A[a-z0-9.()\"\\@+]{1,20}@[a-z\u00fc.\u3002]{1,12}\Z"))
def test_whatever_looks_like_an_email_address_is_settled_once(text: str) -> None:
    form = canonical_address(text)

    assert form is None or canonical_address(form) == form


def test_nobody_has_the_address_that_is_not_there() -> None:
    assert not is_same_address(None, None)
    assert not is_same_address(None, PHONE)
