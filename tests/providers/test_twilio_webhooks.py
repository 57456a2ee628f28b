"""Twilio's callbacks and inbound texts: read as they are sent, refused when they are anything else."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.providers.receipts import (
    Form,
    InboundSms,
    Receipt,
    ReceiptStatus,
    Unreadable,
    parse_form,
    with_attempt,
)
from outreach.providers.twilio.codes import BY_CODE
from outreach.providers.twilio.webhooks import parse_inbound, parse_status
from tests.providers.messages import ATTEMPT

SID = "SM" + "a" * 32


def a_status(**fields: str) -> Form:
    return tuple({"MessageSid": SID, "MessageStatus": "delivered", "To": "+13125550142", **fields}.items())


def a_reply(**fields: str) -> Form:
    given = {"MessageSid": SID, "From": "+13125550142", "To": "+13125550100", "Body": "STOP", "NumMedia": "0"}
    return tuple({**given, **fields}.items())


def test_a_form_is_read_as_it_was_sent() -> None:
    body = urlencode({"Body": "Sí, gracias 👍 100% & more", "Empty": ""}).encode()

    assert parse_form(body) == (("Body", "Sí, gracias 👍 100% & more"), ("Empty", ""))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"a=1&a=2", "repeated_field"),
        (b"Body=STOP&Body=hello", "repeated_field"),
        (b"Body=%ff", "not_a_form"),
        (b"\xff", "not_a_form"),
        (b"Body", "not_a_form"),
        (b"a=1&" * 300, "not_a_form"),
        (b"Body=" + b"a" * 300_000, "too_large"),
    ],
    ids=[
        "twice the same",
        "twice and different",
        "not UTF-8",
        "not ASCII",
        "no value",
        "too many",
        "too large",
    ],
)
def test_a_form_that_could_be_read_in_two_ways_is_refused(body: bytes, reason: str) -> None:
    assert parse_form(body) == Unreadable(reason)


@given(st.binary(max_size=300))
def test_no_form_breaks_the_reader(body: bytes) -> None:
    form = parse_form(body)

    if not isinstance(form, Unreadable):
        parse_status(form, attempt=None)
        parse_inbound(form)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("queued", ReceiptStatus.ACCEPTED),
        ("sending", ReceiptStatus.ACCEPTED),
        ("sent", ReceiptStatus.ACCEPTED),
        ("delivered", ReceiptStatus.DELIVERED),
        ("read", ReceiptStatus.DELIVERED),
        ("undelivered", ReceiptStatus.UNDELIVERED),
        ("failed", ReceiptStatus.UNDELIVERED),
        ("canceled", ReceiptStatus.UNDELIVERED),
    ],
)
def test_a_status_has_one_meaning(said: str, status: ReceiptStatus) -> None:
    receipt = parse_status(a_status(MessageStatus=said), attempt=str(ATTEMPT))

    assert isinstance(receipt, Receipt)
    assert receipt.status is status
    assert receipt.attempt_id == ATTEMPT
    assert receipt.provider_message_id == SID


def test_a_status_said_twice_is_one_event_and_the_next_status_another() -> None:
    sent = parse_status(a_status(MessageStatus="sent"), attempt=None)
    sent_again = parse_status(a_status(MessageStatus="sent", To="elsewhere"), attempt=None)
    delivered = parse_status(a_status(), attempt=None)

    assert isinstance(sent, Receipt)
    assert isinstance(sent_again, Receipt)
    assert isinstance(delivered, Receipt)
    assert sent.event_id == sent_again.event_id != delivered.event_id


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("30610", {"may_send_again": True}),
        ("30036", {"may_send_again": True}),
        ("30001", {"may_send_again": True, "our_fault": True}),
        ("30034", {"may_send_again": True, "our_fault": True}),
        ("21610", {"opted_out": True}),
        ("30005", {"unreachable": True}),
        ("30003", {}),
        ("30008", {}),
        ("99999", {}),
    ],
    ids=[
        "quiet hours",
        "grew old",
        "queue full",
        "not registered",
        "stop",
        "no such number",
        "off",
        "?",
        "new",
    ],
)
def test_why_a_text_was_not_delivered_says_what_may_follow(code: str, expected: dict[str, bool]) -> None:
    receipt = parse_status(a_status(MessageStatus="undelivered", ErrorCode=code), attempt=None)

    assert receipt == Receipt(
        event_id=f"{SID}:undelivered",
        attempt_id=None,
        provider_message_id=SID,
        status=ReceiptStatus.UNDELIVERED,
        code=code,
        **expected,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("code", BY_CODE, ids=str)
def test_only_a_text_that_reached_nobody_may_be_sent_again(code: int) -> None:
    delivered = parse_status(a_status(ErrorCode=str(code)), attempt=None)

    assert isinstance(delivered, Receipt)
    assert not delivered.may_send_again


@pytest.mark.parametrize(
    ("form", "attempt", "reason"),
    [
        (a_status(MessageSid="SM1"), None, "no_message_sid"),
        (a_status(MessageSid=SID + "\n"), None, "no_message_sid"),
        (a_status(MessageStatus="exploded"), None, "unknown_status"),
        (a_status(), "' OR 1=1 --", "bad_attempt"),
        (a_status(), "{" + str(ATTEMPT)[2:] + "}", "bad_attempt"),
        ((), None, "no_message_sid"),
    ],
    ids=["short sid", "sid and more", "new status", "SQL", "a uuid in disguise", "nothing"],
)
def test_a_hostile_status_is_refused_with_a_reason(form: Form, attempt: str | None, reason: str) -> None:
    assert parse_status(form, attempt=attempt) == Unreadable(reason)


def test_a_text_from_a_person_is_read_whole() -> None:
    media = {"NumMedia": "2", "MediaUrl0": "https://api.twilio.com/media/1", "MediaUrl1": "file:///etc"}
    inbound = parse_inbound(a_reply(Body="  I paid\nyesterday 🙂 ", OptOutType="STOP", **media))

    assert inbound == InboundSms(
        event_id=SID,
        from_number="+13125550142",
        to_number="+13125550100",
        body="  I paid\nyesterday 🙂 ",
        pictures=("https://api.twilio.com/media/1", "not named"),
        keyword="STOP",
    )


def test_an_address_or_a_text_is_not_shown_by_chance() -> None:
    shown = repr(parse_inbound(a_reply(Body="my secret")))

    assert "my secret" not in shown
    assert "+13125550142" not in shown


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (a_reply(From="rcs:agent_example"), "no_phone_number"),
        (a_reply(From="68849"), "no_phone_number"),
        (a_reply(From="SUPPORT"), "no_phone_number"),
        (a_reply(From="+1312555014\uff12"), "no_phone_number"),
        (a_reply(From=""), "no_phone_number"),
    ],
    ids=["an agent", "a short code", "a name", "another script's digit", "nobody"],
)
def test_a_reply_from_nowhere_is_refused_with_a_reason(form: Form, reason: str) -> None:
    assert parse_inbound(form) == Unreadable(reason)


@pytest.mark.parametrize("sender", ["rcs:+13125550142", "whatsapp:+13125550142"])
def test_a_text_that_came_as_rcs_or_whatsapp_is_the_persons(sender: str) -> None:
    inbound = parse_inbound(a_reply(From=sender))

    assert isinstance(inbound, InboundSms)
    assert inbound.from_number == "+13125550142"


def test_a_stop_that_twilio_heard_is_kept_whoever_sent_it() -> None:
    assert isinstance(parse_inbound(a_reply(From="SUPPORT", OptOutType="STOP")), InboundSms)


@pytest.mark.parametrize(
    ("fields", "body"),
    [({"Body": "STOP\0"}, "STOP"), ({"Body": "a" * 20_001}, "a" * 20_000), ({"To": "<b>"}, "STOP")],
    ids=["a NUL, which no database keeps", "a book", "markup for our number"],
)
def test_no_reply_is_lost_for_what_it_says(fields: dict[str, str], body: str) -> None:
    inbound = parse_inbound(a_reply(**fields))

    assert isinstance(inbound, InboundSms)
    assert inbound.body == body


def test_naming_the_attempt_keeps_the_rest_of_the_url() -> None:
    named = with_attempt("https://outreach.example.com/status?brand=elm", ATTEMPT)

    assert named == f"https://outreach.example.com/status?brand=elm&attempt={ATTEMPT}"
    assert with_attempt(named, ATTEMPT) == named
    named = with_attempt("https://outreach.example.com/status#top", ATTEMPT)
    assert named == f"https://outreach.example.com/status?attempt={ATTEMPT}#top"
