"""How a suppression is announced, so that preferences keeps it too."""

from collections.abc import Iterable, Mapping
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


def closed_nobodys_address(
    suppression: Suppression, *, digest: str, origin: str, now: datetime
) -> OutgoingEvent:
    """Announce that an address of nobody known was closed, by its digest."""
    return outgoing(
        "address.closed.v1",
        key=_key(digest),
        now=now,
        address_digest=digest,
        suppression_id=suppression.suppression_id,
        channel=suppression.channel,
        kind=suppression.kind,
        origin=origin,
        at=suppression.at,
    )


def opened_nobodys_address(suppression: Suppression, *, digest: str, now: datetime) -> OutgoingEvent:
    """Announce that whoever has an address of nobody known opened it again."""
    return outgoing(
        "address.opened.v1",
        key=_key(digest),
        now=now,
        address_digest=digest,
        suppression_id=suppression.suppression_id,
        channel=suppression.channel,
        at=now,
    )


def closed(
    suppressions: Iterable[Suppression], *, digests: Mapping[str, str], origin: str, now: datetime
) -> list[OutgoingEvent]:
    """Announce what was closed: of a person, or of an address that nobody known has, by its digest."""
    return [
        closed_addresses(suppression, person_id=suppression.person_id, origin=origin, now=now)
        if suppression.person_id is not None
        else closed_nobodys_address(
            suppression, digest=digests[suppression.address or ""], origin=origin, now=now
        )
        for suppression in suppressions
    ]


def opened(
    suppressions: Iterable[Suppression], *, digests: Mapping[str, str], now: datetime
) -> list[OutgoingEvent]:
    """Announce what was opened again, as `closed` announced it."""
    return [
        opened_addresses(suppression, person_id=suppression.person_id, now=now)
        if suppression.person_id is not None
        else opened_nobodys_address(suppression, digest=digests[suppression.address or ""], now=now)
        for suppression in suppressions
    ]


def _key(digest: str) -> str:
    return f"address:{digest}"
