"""What a person wishes is kept with the windows, channels and addresses that deciding knows."""

from typing import Any

import pytest

from outreach.planning.wishes import with_wishes_kept
from schemas.people import PersonSnapshot

SAFE = "+13035550123"
OTHER = "+13035550199"
EMAIL = "ada@example.com"
NOT_SMS = ["email", "voice", "post"]


def kept(**says: Any) -> PersonSnapshot:
    known = {
        "person_id": "ada",
        "version": 1,
        "changed_at": "2026-11-20T10:00:00Z",
        "phones": [{"number": SAFE}, {"number": OTHER}],
        "emails": [{"address": EMAIL}],
    }
    return with_wishes_kept(PersonSnapshot.model_validate(known | says, strict=False))


def test_quiet_hours_close_every_day_beside_what_was_inconvenient_before() -> None:
    window = {"days": ["mon"], "begins": "12:00", "ends": "13:00"}

    snapshot = kept(quiet_hours={"begins": "20:00", "ends": "09:00"}, inconvenient=[window])

    assert [(window.days, window.begins, window.ends) for window in snapshot.inconvenient] == [
        (("mon",), "12:00", "13:00"),
        (("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "20:00", "09:00"),
    ]


def test_days_that_are_not_named_are_closed_whole() -> None:
    (window,) = kept(contact_days=["mon", "tue", "wed", "thu", "fri"]).inconvenient

    assert (window.days, window.begins, window.ends) == (("sat", "sun"), "00:00", "24:00")


@pytest.mark.parametrize(
    ("safe", "phones", "emails", "refused"),
    [
        ({"channel": "sms", "address": SAFE}, [SAFE], [EMAIL], NOT_SMS),
        ({"channel": "sms", "address": "+13035550155"}, ["+13035550155"], [EMAIL], NOT_SMS),
        ({"channel": "email", "address": EMAIL.upper()}, [SAFE, OTHER], [EMAIL], ["sms", "voice", "post"]),
        ({"channel": "sms"}, [SAFE, OTHER], [EMAIL], NOT_SMS),
        ({"channel": "sms", "address": EMAIL}, [], [EMAIL], NOT_SMS),
    ],
    ids=["a number of theirs", "a number nobody knew", "an address", "any number", "what no text reaches"],
)  # fmt: skip
def test_only_the_safe_way_is_left(
    safe: dict[str, Any], phones: list[str], emails: list[str], refused: list[str]
) -> None:
    snapshot = kept(safe_contact=safe)

    assert [phone.number for phone in snapshot.phones] == phones
    assert [email.address for email in snapshot.emails] == emails
    assert list(snapshot.refused_channels) == refused


def test_who_wishes_nothing_is_as_before() -> None:
    assert (kept().inconvenient, kept().refused_channels) == ((), ())
