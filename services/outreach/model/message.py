"""What is handed to a provider."""

from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from msgspec import Struct


class Sms(Struct, frozen=True, kw_only=True):
    """A text message. `to` is E.164; `segments` is what the provider will bill and rate-limit.

    `sender` names a messaging service (`MG…`) or a number. `valid_for` is how long the provider
    may keep trying: it ends when the contact window closes or the touch expires. `given_up` names
    what was left out because the text was too long.
    """

    attempt_id: UUID
    to: str
    sender: str
    body: str
    segments: int
    valid_for: timedelta
    status_url: str
    given_up: tuple[str, ...] = ()


class Email(Struct, frozen=True, kw_only=True):
    """A multipart email. `unsubscribe_url` accepts the one-click POST of RFC 8058."""

    attempt_id: UUID
    to: str
    sender: str
    sender_name: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    unsubscribe_url: str
    language: str


Message: TypeAlias = Sms | Email
