"""How a suppression is announced, so that preferences keeps it too."""

from datetime import datetime

from foundation.outbox import OutgoingEvent
from outreach.model.suppression import Suppression
from schemas import topics


def closed_addresses(
    suppression: Suppression, *, person_id: str, origin: str, now: datetime
) -> OutgoingEvent:
    """Announce that an address or a channel was closed."""
    return OutgoingEvent(
        topic=topics.REPLIES,
        key=person_id,
        type="suppression.recorded.v1",
        time=now,
        data=_without_none(
            {
                "person_id": person_id,
                "suppression_id": suppression.suppression_id,
                "channel": suppression.channel,
                "kind": suppression.kind,
                "address": suppression.address,
                "origin": origin,
                "at": suppression.at.isoformat(),
            }
        ),
    )


def opened_addresses(suppression: Suppression, *, person_id: str, now: datetime) -> OutgoingEvent:
    """Announce that the person opened again what this suppression had closed."""
    return OutgoingEvent(
        topic=topics.REPLIES,
        key=person_id,
        type="suppression.lifted.v1",
        time=now,
        data=_without_none(
            {
                "person_id": person_id,
                "suppression_id": suppression.suppression_id,
                "channel": suppression.channel,
                "address": suppression.address,
                "at": now.isoformat(),
            }
        ),
    )


def _without_none(data: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in data.items() if value is not None}
