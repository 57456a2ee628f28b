"""Links to the preference center: made by one service, proven by the other, and by nobody else."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.light_check import as_compared, digest_of_fact
from schemas.links import LENGTH, NO_TOKEN, LinkKey, name_of, read_token

KEY = LinkKey("a key that both services hold, of some length")
ADA, SMS = "person-1", "+13035550123"
UNTIL = date(2027, 5, 23)
REVOKED = datetime(2026, 11, 24, 16, 30, 0, 1, tzinfo=UTC)


def signed(person: str = ADA, address: str = SMS, *, revoked_at: datetime | None = None) -> str:
    return KEY.sign(person, address, revoked_at=revoked_at, expires_on=UNTIL)


def proves(text: str, person: str = ADA, address: str = SMS, *, revoked_at: datetime | None = None) -> bool:
    return KEY.proves(read_token(text) or NO_TOKEN, person, address, revoked_at=revoked_at)


def test_a_token_is_short_and_names_the_person_the_address_and_its_last_day() -> None:
    token = read_token(signed())

    assert len(signed()) == LENGTH == 28
    assert token is not None
    assert (token.name, token.expires_on) == (name_of(KEY.names_key, ADA, SMS), UNTIL)
    assert proves(signed())


@pytest.mark.parametrize(
    "other",
    [
        LinkKey("another key that both services hold").sign(ADA, SMS, revoked_at=None, expires_on=UNTIL),
        signed(person="person-2"),
        signed(address="+13035550124"),
        signed(revoked_at=REVOKED),
        "",
        "A" * LENGTH,
        signed()[:-1],
        signed() + "A",
        "é" * LENGTH,
        "%" * LENGTH,
    ],
)
def test_whatever_was_not_made_for_this_person_and_address_proves_nothing(other: str) -> None:
    assert not proves(other)


@given(place=st.integers(0, LENGTH - 1), sign=st.sampled_from("AZaz09-_"))
def test_no_other_token_of_the_same_length_proves_it(place: int, sign: str) -> None:
    forged = signed()[:place] + sign + signed()[place + 1 :]

    assert proves(forged) is (forged == signed())


def test_an_address_counts_in_any_spelling() -> None:
    assert proves(signed(address="Ada@Example.COM"), address="ada@example.com")


def test_what_was_made_before_links_were_revoked_is_void() -> None:
    assert not proves(signed(), revoked_at=REVOKED)
    assert proves(signed(revoked_at=REVOKED), revoked_at=REVOKED)


@given(st.text(max_size=40))
@example("=" * LENGTH)
def test_whatever_is_typed_in_is_a_token_or_none(text: str) -> None:
    assert read_token(text) is None or len(text) == LENGTH


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("80202-1234", "80202"),
        ("sw1a 1aa", "SW1A1AA"),
        (" 1970 ", "1970"),
        ("\uff11\uff19\uff17\uff10", "1970"),
    ],
)
def test_a_fact_is_compared_however_it_is_spelled(written: str, compared: str) -> None:
    assert as_compared(written) == compared


def test_the_digest_of_a_fact_tells_nothing_without_its_key_and_is_nobody_elses() -> None:
    digest = digest_of_fact("key", ADA, "birth_year", "1970")

    # Written out, so that whoever computes it elsewhere can hold theirs to it.
    assert digest == "dabf64d412befdb8870321036547bac513ab65a9da3b3fe061b9df4d0004d147"
    assert digest != digest_of_fact("key", "person-2", "birth_year", "1970")
    assert digest != digest_of_fact("key", ADA, "postal_code", "1970")
    assert digest != digest_of_fact("other", ADA, "birth_year", "1970")
