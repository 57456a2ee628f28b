"""Files of events on their way to Kafka: their dates moved to today, and published in their order."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from foundation.kafka import publishing
from foundation.settings import KafkaSettings
from schemas.publisher import as_record

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T[0-9:.]+(Z|[+-]\d{2}:\d{2})")


async def publish_lines(lines: Sequence[bytes], *, kafka: KafkaSettings) -> int:
    """Publish valid events, each to the topic of its type, keyed by its person; return how many.

    Publishing them twice is safe: an event that was heard before changes nothing.
    """
    records = [as_record(line.strip()) for line in lines if line.strip()]
    async with publishing(kafka, client_id="outreach-events") as producer:
        sent = [
            await producer.send(
                record.topic, key=record.key, value=record.value, headers=list(record.headers)
            )
            for record in records
        ]
        await asyncio.gather(*sent)
    return len(sent)


def move_to_today(lines: Sequence[bytes], *, now: datetime) -> list[bytes]:
    """Move every date and instant by the same whole days, so that the latest event happened within a day.

    Local hours stay as they are, and so does the time between any two of them.
    """
    events = [json.loads(line) for line in lines if line.strip()]
    latest = max((datetime.fromisoformat(event["time"]) for event in events), default=now)
    days = (now - latest) // timedelta(days=1)
    return [json.dumps(_moved(event, timedelta(days=days))).encode() for event in events]


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {name: _moved(part, by) for name, part in value.items()}
    if isinstance(value, list):
        return [_moved(part, by) for part in value]
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return (datetime.fromisoformat(value).astimezone(UTC) + by).isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and _DAY.fullmatch(value):
        return (date.fromisoformat(value) + by).isoformat()
    return value
