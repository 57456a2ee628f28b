"""A text and an email about which the tests do not care, save for what they name."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from outreach.model.message import Email, Sms

ATTEMPT = UUID("0197a000-0000-7000-8000-000000000001")

_SMS = Sms(
    attempt_id=ATTEMPT,
    to="+13125550142",
    sender="MG" + "0" * 32,
    body="Hi Ada, this is Harbor Recovery for Elm Bank. Reply STOP to stop texts.",
    segments=1,
    valid_for=timedelta(hours=1),
    status_url="https://outreach.example.com/webhooks/twilio/status",
)

_EMAIL = Email(
    attempt_id=ATTEMPT,
    to="ada@example.com",
    sender="hello@harbor.example.com",
    sender_name="Harbor Recovery",
    reply_to="replies@harbor.example.com",
    subject="A message from Harbor Recovery",
    text="Hello Ada",
    html="<p>Hello Ada</p>",
    unsubscribe_url="https://outreach.example.com/unsubscribe/token",
    language="en",
)


def a_text(**changes: Any) -> Sms:
    return replace(_SMS, **changes)


def an_email(**changes: Any) -> Email:
    return replace(_EMAIL, **changes)
