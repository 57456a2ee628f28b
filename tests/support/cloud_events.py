"""CloudEvents as other systems write them, valid or not: in one place, by the words of the contract."""

from datetime import datetime
from typing import Any

import msgspec

from foundation.records import Record
from schemas.envelope import STRUCTURED
from schemas.registry import EVENT_TYPES


def cloud_event(
    kind: str,
    data: Any,
    *,
    to: str,
    at: datetime | str,
    event_id: str,
    source: str = "agency",
    **attributes: str,
) -> dict[str, Any]:
    """Return an event of a type (`debt.placed.v1`) that is about a person."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "subject": to,
        "time": at if isinstance(at, str) else at.isoformat(),
        "datacontenttype": "application/json",
        **attributes,
        "data": data,
    }


def topic_of(event: dict[str, Any]) -> str:
    """Return the topic that carries events of this type."""
    return EVENT_TYPES[event["type"]].topic


def record_of(event: dict[str, Any], *, topic: str | None = None, offset: int = 0) -> Record:
    """Return the Kafka record that carries an event, in the topic of its type unless another is named."""
    return Record(
        topic or topic_of(event),
        0,
        offset,
        event["subject"].encode(),
        msgspec.json.encode(event),
        (("content-type", STRUCTURED.encode()),),
    )
