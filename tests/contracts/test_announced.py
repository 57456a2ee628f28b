"""What outreach announces is written as the contract reads it, to the letter, and says all it was given."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from foundation.outbox import OutgoingEvent
from foundation.quarantine import MalformedRecord, QuarantinedRecord
from foundation.records import Record
from outreach.announcing import touches as announce
from outreach.announcing.quarantine import quarantined, questioned
from outreach.announcing.replies import received
from outreach.announcing.suppressions import (
    closed_addresses,
    closed_nobodys_address,
    opened_addresses,
    opened_nobodys_address,
)
from outreach.model.question import PROBLEMS, Question, QuestionKind
from outreach.model.reply import KeptReply
from outreach.model.suppression import Suppression
from outreach.model.touch import DesiredTouch, Touch, TouchProgress, TouchStatus
from outreach.model.words import Channel, Purpose, Role
from schemas.registry import EVENT_TYPES
from tests.policy.builders import at

NOW = at("2026-03-02T15:00Z")
WRITTEN_NOW = "2026-03-02T15:00:00Z"
WANTED = DesiredTouch(
    person_id="ada",
    debt_id="d1",
    play="reminder",
    occasion="o",
    purpose=Purpose.REMINDER,
    wording="reminder",
    channels=(Channel.SMS,),
    priority=1,
    patience=timedelta(0),
    fallback=None,
    creditor="acme",
    portfolio=None,
    role=Role.THIRD_PARTY,
    due_at=NOW,
    expires_at=NOW,
)
STOP = Suppression(
    suppression_id="s1",
    person_id="ada",
    address="+13125550142",
    channel=Channel.SMS,
    kind="opted_out",
    at=NOW,
)
QUESTION = Question(
    kind=QuestionKind.OTHER_CURRENCY,
    person_id="ada",
    debt_id="d1",
    about="plan:p1",
    source="/payments",
    event_id="e1",
    due_at=NOW,
)
STORED = Touch(
    **{field: getattr(WANTED, field) for field in Touch.__struct_fields__ if hasattr(WANTED, field)},
    planned_for=NOW,
    status=TouchStatus.PLANNED,
    reason=None,
    until=None,
    tries=0,
)
WHAT: Mapping[str, Any] = {
    "person_id": "ada",
    "touch_id": str(WANTED.touch_id),
    "debts": ["d1"],
    "play": "reminder",
    "purpose": "reminder",
    "occasion": "o",
    "wording": "reminder",
    "creditor": "acme",
    "role": "third_party",
}
BECAME: Mapping[TouchStatus, Mapping[str, Any]] = {
    TouchStatus.ACCEPTED: {"segments": 2},
    TouchStatus.REFUSED: {"segments": 2, "code": "21211"},
    TouchStatus.DELIVERED: {"segments": 2},
    TouchStatus.UNDELIVERED: {"segments": 2, "code": "21211"},
    TouchStatus.UNKNOWN: {"segments": 2},
}


def attempted(status: TouchStatus) -> OutgoingEvent:
    progress = TouchProgress(
        touch_id=WANTED.touch_id,
        person_id="ada",
        attempt_id=UUID(int=7),
        debt_id="d1",
        play="reminder",
        purpose="reminder",
        channel="sms",
        status=status,
        reason=None,
        policy="p1",
        occasion="o",
        wording="reminder",
        creditor="acme",
        role="third_party",
        in_reply_to=None,
        address_digest="5d0f",
    )
    return announce.attempted(progress, code="21211", segments=2, now=NOW)


def kept_record() -> QuarantinedRecord:
    return QuarantinedRecord(
        id=1,
        malformed=MalformedRecord(
            record=Record("debts.v1", 2, 3, b"ada", b"{", ()), reason="not_json", problem="no", person="ada"
        ),
        state="open",
        kept_at=NOW,
        closed_at=None,
        closed_by=None,
    )


REPLY = KeptReply(
    reply_id="r",
    person_id="ada",
    channel=Channel.SMS,
    address="+13125550142",
    text="STOP",
    understood="opt_out",
    needs_human=False,
    received_at=NOW,
)
DECIDED = {**WHAT, "channel": "sms", "policy_version": "p1", "reasons": ["quiet_hours"]}

ANNOUNCED: list[tuple[OutgoingEvent, Mapping[str, Any]]] = [
    (announce.planned(WANTED, now=NOW), {**WHAT, "due_at": WRITTEN_NOW}),
    (announce.cancelled(STORED, reason="paid", now=NOW), {**WHAT, "reasons": ["paid"]}),
    (announce.deferred(
        STORED, until=NOW, reasons=["quiet_hours"], channel=Channel.SMS, policy="p1", now=NOW
    ), {**DECIDED, "until": WRITTEN_NOW}),
    (announce.suppressed(
        STORED, final=False, reasons=["quiet_hours"], channel=Channel.SMS, policy="p1", now=NOW
    ), {**DECIDED, "final": False}),
    (announce.expired(STORED, policy="p1", now=NOW), {
        **WHAT, "policy_version": "p1", "reasons": ["expired"],
    }),
    *((attempted(status), {
        **WHAT, "channel": "sms", "attempt_id": str(UUID(int=7)), "policy_version": "p1",
        "address_digest": "5d0f", **told
    }) for status, told in BECAME.items()),
    (closed_addresses(STOP, person_id="ada", origin="reply", now=NOW), {
        "person_id": "ada", "suppression_id": "s1", "channel": "sms", "kind": "opted_out",
        "address": "+13125550142", "origin": "reply", "at": WRITTEN_NOW,
    }),
    (opened_addresses(STOP, person_id="ada", now=NOW), {
        "person_id": "ada", "suppression_id": "s1", "channel": "sms", "address": "+13125550142",
        "at": WRITTEN_NOW,
    }),
    (closed_nobodys_address(STOP, digest="5d0f", origin="reply", now=NOW), {
        "address_digest": "5d0f", "suppression_id": "s1", "channel": "sms", "kind": "opted_out",
        "origin": "reply", "at": WRITTEN_NOW,
    }),
    (opened_nobodys_address(STOP, digest="5d0f", now=NOW), {
        "address_digest": "5d0f", "suppression_id": "s1", "channel": "sms", "at": WRITTEN_NOW,
    }),
    (received(REPLY, person_id="ada", debts=["d1"], digest="5d0f", now=NOW), {
        "person_id": "ada", "reply_id": "r", "channel": "sms", "understood": "opt_out",
        "needs_human": False, "text": "STOP", "debts": ["d1"], "received_at": WRITTEN_NOW,
        "address_digest": "5d0f",
    }),
    (quarantined(kept_record(), NOW), {
        "topic": "debts.v1", "partition": 2, "offset": 3, "reason": "not_json", "problem": "no",
    }),
    (questioned(QUESTION, now=NOW), {
        "debt_id": "d1", "question": "other_currency", "about": "plan:p1", "event_source": "/payments",
        "event_id": "e1", "problem": PROBLEMS[QuestionKind.OTHER_CURRENCY],
    }),
]  # fmt: skip


@pytest.mark.parametrize(("event", "told"), ANNOUNCED, ids=[event.type for event, _ in ANNOUNCED])
def test_an_event_says_all_it_was_given_as_the_contract_writes_it(
    event: OutgoingEvent, told: Mapping[str, Any]
) -> None:
    written = msgspec.json.encode(event.data)

    assert msgspec.json.decode(written) == told
    assert event.topic == EVENT_TYPES[event.type].topic
    EVENT_TYPES[event.type].read(written, extra="forbid")


def test_every_event_that_outreach_publishes_is_among_them() -> None:
    published = {name for name, event_type in EVENT_TYPES.items() if event_type.published}

    assert {event.type for event, _ in ANNOUNCED} == published - {
        "person.snapshot.v1",
        "preferences.caught_up.v1",
    }
