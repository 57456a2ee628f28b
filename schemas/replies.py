"""What people answer, and the addresses that are closed or opened by it (`outreach.replies.v1`)."""

from typing import ClassVar

from schemas.values import EventData, Id, Instant, Reach, Text
from schemas.vocabulary import Channel, SuppressionKind, SuppressionOrigin, Understood


class ReplyReceived(EventData):
    """A person wrote back. Automation pauses while a human is needed.

    `address_digest` names the address they wrote from, without telling it.
    """

    past: ClassVar[tuple[str, ...]] = ("received_at",)

    person_id: Id
    reply_id: Id
    channel: Channel
    understood: Understood
    needs_human: bool
    text: Text
    debts: tuple[Id, ...] = ()
    received_at: Instant
    address_digest: Id | None = None


class SuppressionRecorded(EventData):
    """An address is closed: nothing more is sent there until the suppression is lifted by name."""

    past: ClassVar[tuple[str, ...]] = ("at",)

    person_id: Id
    suppression_id: Id
    channel: Channel
    kind: SuppressionKind
    address: Reach | None = None
    origin: SuppressionOrigin
    at: Instant


class SuppressionLifted(EventData):
    """The person opened again what this suppression had closed."""

    past: ClassVar[tuple[str, ...]] = ("at",)

    person_id: Id
    suppression_id: Id
    channel: Channel
    address: Reach | None = None
    at: Instant


class AddressClosed(EventData):
    """An address that nobody known has is closed: whoever turns out to have it gets nothing more there.

    It is named by its digest, which is the record's key too, after `address:`.
    """

    past: ClassVar[tuple[str, ...]] = ("at",)

    address_digest: Id
    suppression_id: Id
    channel: Channel
    kind: SuppressionKind
    origin: SuppressionOrigin
    at: Instant


class AddressOpened(EventData):
    """Whoever has an address that nobody known has opened again what this suppression had closed."""

    past: ClassVar[tuple[str, ...]] = ("at",)

    address_digest: Id
    suppression_id: Id
    channel: Channel
    at: Instant
