"""The one way in which an event of ours is built: through its model of the contract."""

from datetime import datetime
from typing import Any

from foundation.outbox import OutgoingEvent
from schemas.registry import EVENT_TYPES


def outgoing(name: str, *, key: str, now: datetime, **data: Any) -> OutgoingEvent:
    """Return an event of this type, its data written as the contract writes it; None is left out.

    The data is ours, so it is not validated on this hot path: tests/contracts/test_announced.py
    holds that what is built here is what the contract reads.
    """
    event_type = EVENT_TYPES[name]
    given = {field: value for field, value in data.items() if value is not None}
    written = event_type.model.model_construct(**given).model_dump(
        mode="json", exclude_unset=True, warnings="none"
    )
    return OutgoingEvent(topic=event_type.topic, key=key, type=name, time=now, data=written)
