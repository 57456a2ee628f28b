"""Email: each of SendGrid's answers, and each way not to get one, has one meaning."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from sendgrid.helpers.mail.exceptions import ApiKeyIncludedException

from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from outreach.providers.provider import WrongChannel
from outreach.providers.sendgrid.sending import SendGrid, outcome_of_answer, payload
from tests.providers.messages import ATTEMPT, a_text, an_email
from tests.providers.vendor import Vendor, unused_port


@pytest.fixture
def sendgrid(vendor: Vendor, session: ClientSession) -> SendGrid:
    return a_sendgrid(session, base_url=vendor.base_url)


def a_sendgrid(session: ClientSession, *, base_url: str, timeout: float = 5) -> SendGrid:
    return SendGrid(session=session, api_key="SG.key", base_url=base_url, timeout=timedelta(seconds=timeout))


async def test_a_yes_is_accepted_under_sendgrids_own_id(sendgrid: SendGrid, vendor: Vendor) -> None:
    vendor.answers("202 Accepted", X_Message_Id="abc-1")

    assert await sendgrid.send(an_email()) == Accepted("abc-1")


async def test_the_request_goes_to_mail_send_with_our_key(sendgrid: SendGrid, vendor: Vendor) -> None:
    vendor.answers("202 Accepted", X_Message_Id="abc-1")

    await sendgrid.send(an_email())

    assert vendor.received[0].line == "POST /v3/mail/send HTTP/1.1"
    assert vendor.received[0].headers["Authorization"] == "Bearer SG.key"
    assert vendor.received[0].headers["Content-Type"] == "application/json"
    assert json.loads(vendor.received[0].body) == payload(an_email())


def test_the_payload_is_one_person_plain_text_first_nothing_tracked_and_one_click_to_leave() -> None:
    assert payload(an_email()) == {
        "from": {"email": "hello@harbor.example.com", "name": "Harbor Recovery"},
        "reply_to": {"email": "replies@harbor.example.com"},
        "subject": "A message from Harbor Recovery",
        "personalizations": [
            {"to": [{"email": "ada@example.com"}], "custom_args": {"attempt_id": str(ATTEMPT)}}
        ],
        "content": [
            {"type": "text/plain", "value": "Hello Ada"},
            {"type": "text/html", "value": "<p>Hello Ada</p>"},
        ],
        "headers": {
            "List-Unsubscribe": "<https://outreach.example.com/unsubscribe/token>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Content-Language": "en",
        },
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }


def test_no_reply_address_means_the_senders_own() -> None:
    assert "reply_to" not in payload(an_email(reply_to=None))


@given(st.text(min_size=1), st.text(min_size=1))
def test_nothing_is_read_into_an_address_or_a_text(address: str, text: str) -> None:
    built: Any = payload(an_email(to=address, text=text))

    assert built["personalizations"][0]["to"] == [{"email": address}]
    assert built["content"][0]["value"] == text


def test_a_text_with_somebodys_key_in_it_is_refused_by_sendgrids_own_helper() -> None:
    with pytest.raises(ApiKeyIncludedException):
        payload(an_email(text="SG.abcdefghijklmnop.abcdefghijklmnop"))


def test_nothing_in_the_payload_bypasses_a_suppression() -> None:
    assert b"bypass" not in msgspec.json.encode(payload(an_email()))


async def test_a_text_is_not_an_email(sendgrid: SendGrid) -> None:
    with pytest.raises(WrongChannel):
        await sendgrid.send(a_text())


async def test_text_that_is_not_unicode_is_refused_before_the_call(
    sendgrid: SendGrid, vendor: Vendor
) -> None:
    assert await sendgrid.send(an_email(text="\ud800")) == Refused("not_sendable_text")
    assert vendor.received == []


def blaming(field: str | None) -> bytes:
    return json.dumps({"errors": [{"message": "no", "field": field, "help": None}]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        ("400 Bad Request", blaming("personalizations.0.to.0.email"), Refused("http_400", unreachable=True)),
        ("400 Bad Request", blaming("personalizations.0.to"), Refused("http_400", unreachable=True)),
        ("400 Bad Request", blaming("from.email"), NotSent("http_400")),
        ("400 Bad Request", blaming(None), NotSent("http_400")),
        ("400 Bad Request", b"<html>", NotSent("http_400")),
        ("401 Unauthorized", blaming(None), NotSent("http_401")),
        ("403 Forbidden", blaming("from"), NotSent("http_403")),
        ("413 Payload Too Large", b"", Refused("http_413")),
        ("429 Too Many Requests", blaming(None), NotSent("http_429")),
        ("500 Internal Server Error", b"", Unknown("http_500")),
        ("503 Service Unavailable", b"", Unknown("http_503")),
        ("200 OK", b"", Unknown("http_200")),
        ("202 Accepted", b"", Unknown("http_202")),
        ("302 Found", b"", Unknown("http_302")),
    ],
    ids=[
        "the address is malformed",
        "nobody to send to",
        "the sender is not verified",
        "no field is blamed",
        "not in SendGrid's language",
        "our key is no good",
        "our sender is not allowed",
        "too large for ever",
        "too fast",
        "broken",
        "down",
        "not the yes of this call",
        "a yes without an id",
        "elsewhere",
    ],
)
async def test_an_answer_means_one_thing(
    sendgrid: SendGrid, vendor: Vendor, status: str, body: bytes, outcome: Outcome
) -> None:
    vendor.answers(status, body)

    assert await sendgrid.send(an_email()) == outcome


@pytest.mark.parametrize("status", range(200, 600))
def test_only_an_answer_of_4xx_says_that_nothing_was_sent(status: int) -> None:
    outcome = outcome_of_answer(status=status, message_id=None)

    said_no = isinstance(outcome, NotSent | Refused)
    assert said_no == (400 <= status < 500 and status != 408)


async def test_too_fast_waits_until_the_limit_is_reset_by_sendgrids_clock(
    sendgrid: SendGrid, vendor: Vendor
) -> None:
    vendor.answers(
        "429 Too Many Requests",
        X_RateLimit_Reset="1764072045",
        Date="Tue, 25 Nov 2025 12:00:15 GMT",
    )

    assert await sendgrid.send(an_email()) == NotSent("http_429", retry_after=timedelta(seconds=30))


@pytest.mark.parametrize("reset", ["soon", "٣", "9" * 5000], ids=["a word", "other digits", "endless"])
async def test_a_reset_nobody_can_read_is_left_out(sendgrid: SendGrid, vendor: Vendor, reset: str) -> None:
    vendor.answers("429 Too Many Requests", X_RateLimit_Reset=reset)

    assert await sendgrid.send(an_email()) == NotSent("http_429")


@pytest.mark.parametrize("answer", [None, b"\0\1\2\3"], ids=["the line is cut", "garbage"])
async def test_a_broken_answer_may_hide_a_sent_email(
    sendgrid: SendGrid, vendor: Vendor, answer: bytes | None
) -> None:
    vendor.answer = answer
    vendor.hangs_up = True

    assert isinstance(await sendgrid.send(an_email()), Unknown)
    assert len(vendor.received) == 1


async def test_silence_ends_with_the_timeout(vendor: Vendor, session: ClientSession) -> None:
    vendor.delay = 30
    sendgrid = a_sendgrid(session, base_url=vendor.base_url, timeout=0.2)

    assert await sendgrid.send(an_email()) == Unknown("TimeoutError")


async def test_a_refused_connection_certainly_sent_nothing(session: ClientSession) -> None:
    sendgrid = a_sendgrid(session, base_url=f"http://127.0.0.1:{await unused_port()}")

    assert await sendgrid.send(an_email()) == NotSent("ClientConnectorError")
