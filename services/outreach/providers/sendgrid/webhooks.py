"""SendGrid's event batches, read into values. Pure; check the signature first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from outreach.providers.receipts import (
    ATTEMPT_ARGUMENT,
    EventBatch,
    Receipt,
    ReceiptStatus,
    Unreadable,
    as_attempt_id,
)

_LARGEST_BATCH = 8 * 1024 * 1024
_LONGEST_ID = 200
_LONGEST_ADDRESS = 320
_ID = re.compile(r"[!-~]+", re.ASCII)
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f]+")
#: The message id of an event is the `X-Message-Id` of our call and, behind it, the machine that filtered it.
_FILTER = re.compile(r"\.(filter|recvd)")
_EARLIEST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
_LATEST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    status: ReceiptStatus
    may_send_again: bool = False
    our_fault: bool = False
    opted_out: bool = False
    complained: bool = False
    unreachable: bool = False


_EVENTS: Mapping[str, _Meaning] = {
    "processed": _Meaning(status=ReceiptStatus.ACCEPTED),
    "deferred": _Meaning(status=ReceiptStatus.ACCEPTED),
    "delivered": _Meaning(status=ReceiptStatus.DELIVERED),
    # We track neither, but an account may be set to; whoever opens has received.
    "open": _Meaning(status=ReceiptStatus.DELIVERED),
    "click": _Meaning(status=ReceiptStatus.DELIVERED),
    "unsubscribe": _Meaning(status=ReceiptStatus.DELIVERED, opted_out=True),
    "group_unsubscribe": _Meaning(status=ReceiptStatus.DELIVERED, opted_out=True),
    "spamreport": _Meaning(status=ReceiptStatus.DELIVERED, opted_out=True, complained=True),
    "bounce": _Meaning(status=ReceiptStatus.UNDELIVERED, unreachable=True),
    # The mailbox may be fine: its server did not want it from us, now.
    "blocked": _Meaning(status=ReceiptStatus.UNDELIVERED),
    "dropped": _Meaning(status=ReceiptStatus.UNDELIVERED),
}

#: Why SendGrid dropped an email without trying, by how its `reason` begins.
_DROPPED: Mapping[str, _Meaning] = {
    "bounced address": _Meaning(status=ReceiptStatus.UNDELIVERED, unreachable=True),
    "invalid": _Meaning(status=ReceiptStatus.UNDELIVERED, unreachable=True),
    "unsubscribed address": _Meaning(status=ReceiptStatus.UNDELIVERED, opted_out=True),
    "spam reporting address": _Meaning(status=ReceiptStatus.UNDELIVERED, opted_out=True, complained=True),
    "spam content": _Meaning(status=ReceiptStatus.UNDELIVERED, our_fault=True),
    "recipient list over package quota": _Meaning(
        status=ReceiptStatus.UNDELIVERED, may_send_again=True, our_fault=True
    ),
}

#: Never lifts a suppression: only the person, by name, does.
_PASSED_BY = frozenset({"group_resubscribe", "account_status_change"})


def parse_events(body: bytes) -> EventBatch | Unreadable:
    """Read a batch. One bad event never harms its neighbors; a body that is no batch is refused whole."""
    if len(body) > _LARGEST_BATCH:
        return Unreadable("too_large")
    try:
        events = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return Unreadable("not_json")
    if not isinstance(events, list):
        return Unreadable("not_a_batch")
    kept = [event for event in events if not _is_passed_by(event)]
    read = [_receipt(item) for item in kept]
    return EventBatch(
        receipts=tuple(reading for reading in read if isinstance(reading, Receipt)),
        unreadable=tuple(reading for reading in read if isinstance(reading, Unreadable)),
        passed_by=len(events) - len(kept),
    )


def _receipt(event: object) -> Receipt | Unreadable:
    if not isinstance(event, dict):
        return Unreadable("not_an_event")
    kind = _kind(event)
    meaning = _EVENTS.get(kind)
    if meaning is None:
        return Unreadable("unknown_event")
    event_id = _identifier(event.get("sg_event_id"))
    if event_id is None:
        return Unreadable("no_event_id")
    at = _instant(event.get("timestamp"))
    if at is None:
        return Unreadable("no_timestamp")
    message_id = _identifier(event.get("sg_message_id"))
    if kind == "dropped":
        meaning = _why_dropped(event) or meaning
    return Receipt(
        event_id=event_id,
        attempt_id=as_attempt_id(event.get(ATTEMPT_ARGUMENT)),
        provider_message_id=_FILTER.split(message_id)[0] if message_id else None,
        status=meaning.status,
        code=kind,
        at=at,
        may_send_again=meaning.may_send_again,
        our_fault=meaning.our_fault,
        opted_out=meaning.opted_out,
        complained=meaning.complained,
        unreachable=meaning.unreachable,
        address=_address(event.get("email")),
    )


def _is_passed_by(event: object) -> bool:
    return isinstance(event, dict) and _kind(event) in _PASSED_BY


def _kind(event: Mapping[str, object]) -> str:
    kind = event.get("event")
    if kind == "bounce" and event.get("type") == "blocked":
        return "blocked"
    return kind if isinstance(kind, str) else ""


def _why_dropped(event: Mapping[str, object]) -> _Meaning | None:
    reason = event.get("reason")
    if not isinstance(reason, str):
        return None
    reason = reason.lower()
    return next((meaning for begins, meaning in _DROPPED.items() if reason.startswith(begins)), None)


def _identifier(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= _LONGEST_ID and _ID.fullmatch(value):
        return value
    return None


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return datetime.fromtimestamp(value, UTC) if _EARLIEST <= value < _LATEST else None


def _address(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(value):
        return value.lower()
    return None
