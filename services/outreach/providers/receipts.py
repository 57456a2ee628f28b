"""What vendors tell us later, as values; `twilio/webhooks.py` and `sendgrid/webhooks.py` read them."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from outreach.providers.mail import Automatic

#: The query parameter of Twilio's status callback that names the attempt.
ATTEMPT_PARAMETER = "attempt"
#: The custom argument of a SendGrid email, echoed in each of its events.
ATTEMPT_ARGUMENT = "attempt_id"

_LARGEST_FORM = 256 * 1024
_MOST_FIELDS = 200
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class ReceiptStatus(StrEnum):
    """What became of a message, as the vendor tells it. Listed by rank: a later one overrules."""

    ACCEPTED = "accepted"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One thing a vendor told us of one message.

    `event_id` is the same when the vendor repeats itself. `at` is None when the vendor gives no
    instant: it happened by the time it arrived. `may_send_again`: it certainly reached nobody and
    nothing is wrong with the person, so the touch goes back to be decided. `opted_out`: the person
    said stop by the vendor's own means. `complained`: they called it spam. `unreachable`: the
    address is no good. `address` is only known where the vendor names it (email).
    """

    event_id: str
    attempt_id: UUID | None
    provider_message_id: str | None
    status: ReceiptStatus
    code: str | None = None
    at: datetime | None = None
    may_send_again: bool = False
    our_fault: bool = False
    opted_out: bool = False
    complained: bool = False
    unreachable: bool = False
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSms:
    """A text from a person. `pictures` are the addresses at which the vendor keeps them.

    `to_number` is ours, None where it is not a number.
    `keyword` is Twilio's own reading (`STOP`, `START`, `HELP`), given when Twilio handled it.
    """

    event_id: str
    from_number: str = field(repr=False)
    to_number: str | None
    body: str = field(repr=False)
    pictures: tuple[str, ...] = field(default=(), repr=False)
    keyword: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEmail:
    """An email from somebody, who may not be whoever `sender` says: senders are forged.

    `text` is what they wrote themselves. `attachments` are names; what they held is not kept.
    `automatic`: a program sent it, so that it is never answered.
    """

    event_id: str
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    text: str = field(repr=False)
    attachments: tuple[str, ...] = field(default=(), repr=False)
    automatic: Automatic | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Input that is not what the vendor sends. `reason` is a code, never a part of the input."""

    reason: str


@dataclass(frozen=True, slots=True)
class EventBatch:
    """A SendGrid batch. `passed_by` counts events that say nothing of a message, such as a resubscription."""

    receipts: tuple[Receipt, ...]
    unreadable: tuple[Unreadable, ...]
    passed_by: int


Form: TypeAlias = tuple[tuple[str, str], ...]


def with_attempt(status_url: str, attempt_id: UUID) -> str:
    """Return the status callback that names the attempt; naming it twice changes nothing."""
    before, after = _around_attempt(status_url)
    return status_url if before is None else f"{before}{attempt_id}{after}"


@lru_cache(maxsize=64)  # a deployment has one
def _around_attempt(status_url: str) -> tuple[str | None, str]:
    """Return what stands before and behind the attempt's id; None where the URL names one already."""
    parts = urlsplit(status_url)
    if any(name == ATTEMPT_PARAMETER for name, _ in parse_qsl(parts.query)):
        return None, ""
    query = f"{parts.query}&{ATTEMPT_PARAMETER}=" if parts.query else f"{ATTEMPT_PARAMETER}="
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return parts._replace(query=query, fragment="").geturl(), fragment


def parse_form(body: bytes) -> Form | Unreadable:
    """Read a webhook's form. A name that occurs twice is refused: two readers could read two things."""
    if len(body) > _LARGEST_FORM:
        return Unreadable("too_large")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        return Unreadable("not_a_form")
    if len({name for name, _ in pairs}) != len(pairs):
        return Unreadable("repeated_field")
    return tuple(pairs)


def as_attempt_id(text: object) -> UUID | None:
    """Read an attempt's id in its usual form; None for anything else."""
    return UUID(text) if isinstance(text, str) and _UUID.fullmatch(text) else None
