"""What outreach announces is written as the contract reads it, to the letter, and says all it was given."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import structs

from foundation.outbox import OutgoingEvent
from foundation.quarantine import MalformedRecord, QuarantinedRecord
from foundation.records import Record
from outreach.announcing import touches as announce
from outreach.announcing.quarantine import quarantined, questioned
from outreach.announcing.replies import (
    consent_recorded,
    human_done,
    human_needed,
    received,
    received_v2,
)
from outreach.announcing.suppressions import (
    closed_addresses,
    closed_nobodys_address,
    opened_addresses,
    opened_nobodys_address,
)
from outreach.model.question import PROBLEMS, Question, QuestionKind
from outreach.model.reply import HandOff, KeptReply, PastMessage
from outreach.model.suppression import Suppression
from outreach.model.touch import DesiredTouch, Touch, TouchProgress, TouchStatus
from outreach.model.words import Channel, Purpose, Role
from outreach.understanding.kinds import Kind
from outreach.understanding.meaning import AmountSaid, DaySaid, Understanding
from schemas.registry import EVENT_TYPES
from schemas.replies import HumanHold
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
    kinds=("promise", "opt_in"),
    urgency="same_day",
    closes=("sms",),
    pictures=("https://api.twilio.com/media/1",),
    attachments=("letter.pdf",),
)
ASKED = PastMessage(
    attempt_id=UUID(int=7),
    person_id="ada",
    address="+13125550142",
    channel=Channel.SMS,
    at=NOW,
    play="ask",
    wording="consent_request",
    purpose="consent_request",
    text="May we?",
)
MEANING = Understanding(
    kinds=(Kind.PROMISE, Kind.OPT_IN),
    closes=frozenset({Channel.SMS}),
    days=[DaySaid(words="Friday", day=date(2026, 3, 6))],
    amounts=[AmountSaid(words="$40", amount=Decimal(40), currency="USD")],
)
WAITS = HandOff(reply_id="r", person_id="ada", urgency="same_day", since=NOW, answer_by=NOW)
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
    (received_v2(
        REPLY, MEANING, person_id="ada", debts=["d1"], answers=ASKED, hand_off=WAITS, digest="d", now=NOW
    ), {
        "person_id": "ada", "reply_id": "r", "channel": "sms", "kinds": ["promise", "opt_in"],
        "urgency": "same_day", "needs_human": False, "answer_by": WRITTEN_NOW, "closed": ["sms"],
        "closes_address": False, "text": "STOP", "days": [{"words": "Friday", "day": "2026-03-06"}],
        "amounts": [{"words": "$40", "amount": "40", "currency": "USD"}],
        "answers": {
            "attempt_id": str(UUID(int=7)), "play": "ask", "wording": "consent_request",
            "purpose": "consent_request", "channel": "sms", "at": WRITTEN_NOW, "text": "May we?",
        },
        "pictures": ["https://api.twilio.com/media/1"], "attachments": ["letter.pdf"], "proven": True,
        "address_digest": "d",
        "debts": ["d1"], "received_at": WRITTEN_NOW,
    }),
    (human_needed(REPLY, WAITS, debts=["d1"], now=NOW), {
        "person_id": "ada", "reply_id": "r", "channel": "sms", "urgency": "same_day",
        "kinds": ["promise", "opt_in"], "closed": ["sms"], "debts": ["d1"], "since": WRITTEN_NOW,
        "answer_by": WRITTEN_NOW,
    }),
    (human_done(
        "ada", replies=["r"], decided="hold", by="grace",
        hold=HumanHold(hold_id="h", kind="hardship", until=NOW), now=NOW,
    ), {
        "person_id": "ada", "replies": ["r"], "decided": "hold", "by": "grace",
        "hold": {"hold_id": "h", "kind": "hardship", "until": WRITTEN_NOW}, "at": WRITTEN_NOW,
    }),
    (consent_recorded(REPLY, ASKED, address="+13125550142", now=NOW), {
        "person_id": "ada", "channel": "sms", "address": "+13125550142", "reply_id": "r", "text": "STOP",
        "wording": "consent_request", "asked_at": WRITTEN_NOW, "at": WRITTEN_NOW,
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


@pytest.mark.parametrize("purpose", Purpose)
def test_whatever_a_touch_is_for_readers_of_the_contract_know_the_word(purpose: Purpose) -> None:
    event = announce.planned(structs.replace(WANTED, purpose=purpose), now=NOW)

    EVENT_TYPES[event.type].read(msgspec.json.encode(event.data), extra="forbid")


def test_every_event_that_outreach_publishes_is_among_them() -> None:
    published = {name for name, event_type in EVENT_TYPES.items() if event_type.published}

    assert {event.type for event, _ in ANNOUNCED} == published - {
        "person.snapshot.v1",
        "person.erased.v1",
        "preferences.caught_up.v1",
    }
