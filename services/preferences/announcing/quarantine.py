"""What is told of records that nobody could read."""

from datetime import datetime

from foundation.outbox import Outgoing
from foundation.quarantine import Kept
from schemas import topics

SOURCE = "/preferences"


def quarantined(kept: Kept, *, now: datetime) -> Outgoing:
    record = kept.malformed.record
    return Outgoing(
        topic=topics.QUARANTINE,
        key=f"{record.topic}/{record.partition}",
        type="record.quarantined.v1",
        time=now,
        data={
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "reason": kept.malformed.reason,
            "problem": kept.malformed.problem,
        },
    )
