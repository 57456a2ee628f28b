"""What is told of records that nobody could read."""

from datetime import datetime

from foundation.outbox import OutgoingEvent
from foundation.quarantine import QuarantinedRecord
from preferences.announcing.events import event_of
from schemas.quarantine import published_reason


def quarantined(kept: QuarantinedRecord, *, now: datetime) -> OutgoingEvent:
    """Announce where a record lies that was kept aside, and why; never what it holds."""
    record = kept.malformed.record
    pointer = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "reason": published_reason(kept.malformed.reason),
        "problem": kept.malformed.problem,
    }
    return event_of("record.quarantined.v1", pointer, key=f"{record.topic}/{record.partition}", now=now)
