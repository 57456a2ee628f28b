"""What is told of records that nobody could read, and of events that contradict the rest."""

from datetime import datetime

from foundation.outbox import OutgoingEvent
from foundation.quarantine import QuarantinedRecord
from outreach.announcing.event import outgoing
from outreach.model.question import PROBLEMS, Question
from schemas.quarantine import published_reason


def quarantined(kept: QuarantinedRecord, now: datetime) -> OutgoingEvent:
    """Announce where a record is that was kept aside, never what it holds."""
    record = kept.malformed.record
    return outgoing(
        "record.quarantined.v1",
        key=f"{record.topic}/{record.partition}",
        now=now,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        reason=published_reason(kept.malformed.reason),
        problem=kept.malformed.problem,
    )


def questioned(question: Question, *, now: datetime) -> OutgoingEvent:
    """Ask about an event that contradicts the rest of what is known."""
    return outgoing(
        "event.questioned.v1",
        key=question.person_id,
        now=now,
        debt_id=question.debt_id,
        question=question.kind,
        about=question.about or None,
        event_source=question.source,
        event_id=question.event_id,
        problem=PROBLEMS[question.kind],
    )
