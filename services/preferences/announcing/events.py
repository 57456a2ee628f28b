"""How preferences builds what it publishes: through the models of the wire contract, and nowhere else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from foundation.outbox import OutgoingEvent
from schemas.registry import EVENT_TYPES
from schemas.values import OURS

#: The `source` of everything that preferences publishes.
SOURCE: Final = "/preferences"


def event_of(type_name: str, data: Mapping[str, Any], *, key: str, now: datetime) -> OutgoingEvent:
    """Return an event of the contract with this data, what is not given left out.

    Raises:
        pydantic.ValidationError: its model refuses the data.
    """
    event_type = EVENT_TYPES[type_name]
    # An older release that runs again may remember fields of a newer one: it cannot tell them.
    checked = event_type.model.model_validate_json(msgspec.json.encode(data), extra="ignore", context=OURS)
    return OutgoingEvent(
        topic=event_type.topic,
        key=key,
        type=event_type.name,
        time=now,
        data=checked.model_dump(mode="json", exclude_unset=True),
    )
