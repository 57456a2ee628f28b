"""What people answer, and the addresses that are closed or opened by it (`outreach.replies.v1`)."""

from typing import ClassVar

from schemas.values import EventData, Id, Instant, Reach, Text
from schemas.vocabulary import Channel, SuppressionKind, SuppressionOrigin, Understood


class ReplyReceived(EventData):
    """A person wrote back. Automation pauses while a human is needed."""

    past: ClassVar[tuple[str, ...]] = ("received_at",)

    person_id: Id
    reply_id: Id
    channel: Channel
    understood: Understood
    needs_human: bool
    text: Text
    debts: tuple[Id, ...] = ()
    received_at: Instant


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
