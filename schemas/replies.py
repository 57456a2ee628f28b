"""What people answer, who deals with it, and what it closes or opens (`outreach.replies.v1`)."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field, StringConstraints

from schemas.values import Amount, Day, EventData, Id, Instant, InstantOrDay, Line, Reach, Text, Value, Word
from schemas.vocabulary import (
    Channel,
    Decided,
    HoldKind,
    SuppressionKind,
    SuppressionOrigin,
    Understood,
    Urgency,
)

Kinds: TypeAlias = Annotated[tuple[Word, ...], Field(min_length=1)]
Channels: TypeAlias = Annotated[tuple[Channel, ...], Field(max_length=4)]
Named: TypeAlias = Annotated[
    tuple[Annotated[str, StringConstraints(max_length=600)], ...], Field(max_length=50)
]


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


class DaySaid(Value):
    """A day that a person named in `words`; without `day` the words leave open which it is."""

    words: Text
    day: Day | None = None


class AmountSaid(Value):
    """An amount that a person named in `words`; without `currency` they said none."""

    words: Text
    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None


class AnsweredMessage(Value):
    """The message of ours that came last before a reply."""

    attempt_id: Id
    play: Id
    wording: Word
    purpose: Word
    channel: Channel
    at: Instant
    text: Text


class ReplyReceivedV2(EventData):
    """A person wrote back. Automation pauses while a human is needed.

    `kinds` say what it means, which may be several things; new ones may come. `closed` are the channels
    that it closed, `closes_address` says whether the address it came from is closed for everybody who has
    it. `days` and `amounts` are those it names, `answers` what we had said before. `pictures` are where the
    vendor keeps them, `attachments` are names. `proven` is false of an email whose sender may be forged;
    `automatic` names the kind of program that wrote it. `address_digest` names the address they wrote from,
    without telling it.
    """

    past: ClassVar[tuple[str, ...]] = ("received_at",)

    person_id: Id
    reply_id: Id
    channel: Channel
    kinds: Kinds
    urgency: Urgency
    needs_human: bool
    answer_by: Instant | None = None
    closed: Channels = ()
    closes_address: bool = False
    text: Text
    days: tuple[DaySaid, ...] = ()
    amounts: tuple[AmountSaid, ...] = ()
    answers: AnsweredMessage | None = None
    pictures: Named = ()
    attachments: Named = ()
    proven: bool = True
    automatic: Word | None = None
    address_digest: Id | None = None
    debts: tuple[Id, ...] = ()
    received_at: Instant


class HumanNeeded(EventData):
    """A reply waits for a human, who is to answer or decide by `answer_by`: the office's hours are counted.

    Everything waits for it. `kinds` and `closed` are those of the reply, whose text its own event has.
    """

    past: ClassVar[tuple[str, ...]] = ("since",)

    person_id: Id
    reply_id: Id
    channel: Channel
    urgency: Urgency
    kinds: Kinds
    closed: Channels = ()
    debts: tuple[Id, ...] = ()
    since: Instant
    answer_by: Instant


class HumanHold(Value):
    """A hold that a human placed when deciding what a reply was; `hold.lifted.v1` ends it by its name."""

    hold_id: Id
    kind: HoldKind
    until: InstantOrDay | None = None


class HumanDone(EventData):
    """A human dealt with what a person wrote: these replies wait no more. `by` is who decided."""

    past: ClassVar[tuple[str, ...]] = ("at",)

    person_id: Id
    replies: Annotated[tuple[Id, ...], Field(min_length=1)]
    decided: Decided
    by: Line
    hold: HumanHold | None = None
    at: Instant


class ConsentRecorded(EventData):
    """A person said yes to our question whether we may write to them at this address, and this is how.

    `asked_at` and `wording` are the question's, `text` and `reply_id` the answer's.
    """

    past: ClassVar[tuple[str, ...]] = ("at", "asked_at")

    person_id: Id
    channel: Channel
    address: Reach
    reply_id: Id
    text: Text
    wording: Word
    asked_at: Instant
    at: Instant


class SuppressionRecorded(EventData):
    """An address is closed: nothing more is sent there until the suppression is lifted by name.

    `origin` is `reply` too where the person told a member of staff, by phone or letter.
    """

    past: ClassVar[tuple[str, ...]] = ("at",)

    person_id: Id
    suppression_id: Id
    channel: Channel
    kind: SuppressionKind
    address: Reach | None = None
    origin: SuppressionOrigin
    at: Instant


class SuppressionLifted(EventData):
    """The person opened again what this suppression had closed, or staff found it recorded by mistake."""

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
