"""What is told of records that nobody could read."""

from datetime import datetime

from foundation.outbox import OutgoingEvent
from foundation.quarantine import QuarantinedRecord
from schemas import topics
from schemas.quarantine import published_reason

SOURCE = "/preferences"


def quarantined(kept: QuarantinedRecord, *, now: datetime) -> OutgoingEvent:
    record = kept.malformed.record
    return OutgoingEvent(
        topic=topics.QUARANTINE,
        key=f"{record.topic}/{record.partition}",
        type="record.quarantined.v1",
        time=now,
        data={
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "reason": published_reason(kept.malformed.reason),
            "problem": kept.malformed.problem,
        },
    )
