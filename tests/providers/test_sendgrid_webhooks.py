"""SendGrid's event batches: each event read on its own, anything else refused with a reason."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.providers.receipts import EventBatch, Receipt, ReceiptStatus, Unreadable
from outreach.providers.sendgrid.webhooks import parse_events
from tests.providers.messages import ATTEMPT


def an_event(**fields: Any) -> dict[str, Any]:
    return {
        "email": "Ada@example.com",
        "timestamp": 1_781_006_400,
        "event": "delivered",
        "sg_event_id": "event-1",
        "sg_message_id": "abc-1.recvd-7f8b-1-2.0",
        "attempt_id": str(ATTEMPT),
        **fields,
    }


def read(*events: object) -> EventBatch:
    batch = parse_events(json.dumps(events).encode())
    assert isinstance(batch, EventBatch)
    return batch


def test_an_event_is_read_whole() -> None:
    assert read(an_event()).receipts == (
        Receipt(
            event_id="event-1",
            attempt_id=ATTEMPT,
            provider_message_id="abc-1",
            status=ReceiptStatus.DELIVERED,
            code="delivered",
            at=datetime(2026, 6, 9, 12, 0, tzinfo=UTC),
            address="ada@example.com",
        ),
    )


@pytest.mark.parametrize(
    ("fields", "status", "marks"),
    [
        ({"event": "processed"}, ReceiptStatus.ACCEPTED, set()),
        ({"event": "deferred"}, ReceiptStatus.ACCEPTED, set()),
        ({"event": "open"}, ReceiptStatus.DELIVERED, set()),
        ({"event": "bounce", "type": "bounce"}, ReceiptStatus.UNDELIVERED, {"unreachable"}),
        ({"event": "bounce", "type": "blocked"}, ReceiptStatus.UNDELIVERED, set()),
        ({"event": "dropped", "reason": "Bounced Address"}, ReceiptStatus.UNDELIVERED, {"unreachable"}),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, ReceiptStatus.UNDELIVERED, {"opted_out"}),
        (
            {"event": "dropped", "reason": "Spam Reporting Address"},
            ReceiptStatus.UNDELIVERED,
            {"opted_out", "complained"},
        ),
        ({"event": "dropped", "reason": "Invalid"}, ReceiptStatus.UNDELIVERED, {"unreachable"}),
        ({"event": "dropped", "reason": "Invalid SMTPAPI header"}, ReceiptStatus.UNDELIVERED, {"our_fault"}),
        ({"event": "dropped", "reason": "Invalid and new"}, ReceiptStatus.UNDELIVERED, set()),
        ({"event": "dropped", "reason": "something new"}, ReceiptStatus.UNDELIVERED, set()),
        ({"event": "dropped", "reason": None}, ReceiptStatus.UNDELIVERED, set()),
        ({"event": "unsubscribe"}, ReceiptStatus.DELIVERED, {"opted_out"}),
        ({"event": "group_unsubscribe"}, ReceiptStatus.DELIVERED, {"opted_out"}),
        ({"event": "spamreport"}, ReceiptStatus.DELIVERED, {"opted_out", "complained"}),
    ],
)
def test_an_event_has_one_meaning(fields: dict[str, Any], status: ReceiptStatus, marks: set[str]) -> None:
    (receipt,) = read(an_event(**fields)).receipts

    names = ("may_send_again", "our_fault", "opted_out", "complained", "unreachable")
    assert receipt.status is status
    assert {name for name in names if getattr(receipt, name)} == marks


def test_a_resubscription_at_the_vendor_lifts_nothing() -> None:
    assert read(an_event(event="group_resubscribe")) == EventBatch(receipts=(), unreadable=(), passed_by=1)


def test_one_bad_event_never_harms_its_neighbours() -> None:
    batch = read(an_event(), "nonsense", an_event(sg_event_id="event-2"))

    assert [each.event_id for each in batch.receipts] == ["event-1", "event-2"]
    assert batch.unreadable == (Unreadable("not_an_event"),)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (an_event(event="teleported"), "unknown_event"),
        (an_event(event=["delivered"]), "unknown_event"),
        (an_event(sg_event_id=None), "no_event_id"),
        (an_event(sg_event_id="a" * 201), "no_event_id"),
        (an_event(sg_event_id="a\0b"), "no_event_id"),
        (an_event(timestamp="now"), "no_timestamp"),
        (an_event(timestamp=True), "no_timestamp"),
        (an_event(timestamp=10**30), "no_timestamp"),
    ],
    ids=["new kind", "a list", "no id", "endless id", "NUL", "word", "truth", "the end of time"],
)
def test_a_hostile_event_is_refused_with_a_reason(event: dict[str, Any], reason: str) -> None:
    assert read(event).unreadable == (Unreadable(reason),)


def test_an_event_of_somebody_elses_email_names_no_attempt() -> None:
    (receipt,) = read(an_event(attempt_id={"$ne": 1})).receipts

    assert receipt.attempt_id is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"{}", "not_a_batch"),
        (b"[NaN]", "not_json"),
        (b"[" * 1_000_000, "not_json"),
        (b"\xff", "not_json"),
        (b'["' + b"a" * (8 * 1024 * 1024) + b'"]', "too_large"),
    ],
    ids=["nothing", "an object", "NaN", "a million deep", "bytes", "too large"],
)
def test_a_body_that_is_no_batch_is_refused_whole(body: bytes, reason: str) -> None:
    assert parse_events(body) == Unreadable(reason)


ANYTHING = st.sampled_from(
    [None, True, -1, 1.5, 10**30, "", "bounce", [], ["x"], {}, {"a": 1}, "\0", "é" * 300]
)
FIELDS = {name: ANYTHING | st.just(value) for name, value in an_event(type="", reason="").items()}


@given(st.lists(st.fixed_dictionaries({}, optional=FIELDS) | ANYTHING, max_size=4))
def test_no_event_breaks_the_reader_and_none_is_lost(events: list[dict[str, Any]]) -> None:
    batch = read(*events)

    assert len(batch.receipts) + len(batch.unreadable) + batch.passed_by == len(events)
