"""What is told of records that nobody could read."""

from datetime import datetime

from foundation.outbox import OutgoingEvent
from foundation.quarantine import QuarantinedRecord
from outreach.announcing.event import outgoing
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
