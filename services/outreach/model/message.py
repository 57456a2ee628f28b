"""What is handed to a provider."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """A text message. `to` is E.164; `segments` is what the provider will bill and rate-limit.

    `sender` names a messaging service (`MG…`) or a number. `valid_for` is how long the provider
    may keep trying: it ends when the contact window closes or the touch expires.
    """

    attempt_id: UUID
    to: str
    sender: str
    body: str
    segments: int
    valid_for: timedelta
    status_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
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
