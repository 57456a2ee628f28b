"""How a suppression is announced, so that preferences keeps it too."""

from datetime import datetime

from foundation.outbox import OutgoingEvent
from outreach.announcing.event import outgoing
from outreach.model.suppression import Suppression


def closed_addresses(
    suppression: Suppression, *, person_id: str, origin: str, now: datetime
) -> OutgoingEvent:
    """Announce that an address or a channel was closed."""
    return outgoing(
        "suppression.recorded.v1",
        key=person_id,
        now=now,
        person_id=person_id,
        suppression_id=suppression.suppression_id,
        channel=suppression.channel,
        kind=suppression.kind,
        address=suppression.address,
        origin=origin,
        at=suppression.at,
    )


def opened_addresses(suppression: Suppression, *, person_id: str, now: datetime) -> OutgoingEvent:
    """Announce that the person opened again what this suppression had closed."""
    return outgoing(
        "suppression.lifted.v1",
        key=person_id,
        now=now,
        person_id=person_id,
        suppression_id=suppression.suppression_id,
        channel=suppression.channel,
        address=suppression.address,
        at=now,
    )
