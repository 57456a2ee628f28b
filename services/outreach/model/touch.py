"""One planned or made contact with one person."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import force_setattr

from outreach.model.ids import touch_id
from outreach.model.playbook import ANSWERS
from outreach.model.words import Channel, Purpose, Role

#: In the details of an answer of ours: the language that the person has just written in.
SAID_IN: Final = "said_in"


class TouchStatus(StrEnum):
    """Where a touch stands; design: the state table in ARCHITECTURE.md."""

    PLANNED = "planned"
    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class DesiredTouch(Struct, frozen=True, kw_only=True):
    """A touch that the playbook desires: the plan, before anything is decided.

    `occasion` makes it unique within person, debt and play. `details` are what its wording
    names (an instalment, a payment), as JSON values. `touch_id` follows from the rest.
    """

    person_id: str
    debt_id: str
    play: str
    occasion: str
    purpose: Purpose
    wording: str
    channels: tuple[Channel, ...]
    priority: int
    patience: timedelta
    fallback: timedelta | None
    creditor: str
    portfolio: str | None
    role: Role
    due_at: datetime
    expires_at: datetime
    in_reply_to: datetime | None = None
    details: Mapping[str, Any] = {}
    touch_id: UUID = UUID(int=0)

    def __post_init__(self) -> None:
        # Kept, since planning asks for it several times and a digest is not free.
        named = touch_id(
            person_id=self.person_id, debt_id=self.debt_id, play=self.play, occasion=self.occasion
        )
        force_setattr(self, "touch_id", named)


class Touch(Struct, frozen=True, kw_only=True):
    """A stored touch that may still be sent.

    `planned_for` is when the plan wants it, `due_at` when it is tried next, `until` the
    instant a deferral named.
    """

    touch_id: UUID
    person_id: str
    debt_id: str
    play: str
    occasion: str
    purpose: Purpose
    wording: str
    channels: tuple[Channel, ...]
    priority: int
    patience: timedelta
    fallback: timedelta | None
    creditor: str
    portfolio: str | None
    role: Role
    in_reply_to: datetime | None
    details: Mapping[str, Any]
    planned_for: datetime
    due_at: datetime
    expires_at: datetime
    status: TouchStatus
    reason: str | None
    until: datetime | None
    tries: int

    @property
    def is_acknowledgment(self) -> bool:
        """True where a machine says that a human will read it: what a human answers names who did."""
        return self.play == ANSWERS and self.purpose is Purpose.HUMAN_REPLY and "answer" not in self.details

    @property
    def key(self) -> str:
        """The natural key, as the ledger keeps it."""
        return f"{self.debt_id}/{self.play}/{self.occasion}"


class FinishedTouch(Struct, frozen=True):
    """A touch that was sent or given up, under its natural key: on which channel, and `at` when."""

    person_id: str
    debt_id: str
    play: str
    occasion: str
    status: TouchStatus
    channel: Channel | None
    at: datetime


class TouchProgress(Struct, frozen=True):
    """A touch that moved on with its attempt, with what its event tells."""

    touch_id: UUID
    person_id: str
    attempt_id: UUID
    debt_id: str
    play: str
    purpose: str
    channel: str | None
    status: TouchStatus
    reason: str | None
    policy: str | None
    occasion: str
    wording: str
    creditor: str
    role: str
    in_reply_to: datetime | None
    address_digest: str | None


class RepeatedTouch(Struct, frozen=True, kw_only=True):
    """A touch that was planned for the same reason before; one that is given up reaches nobody any more."""

    touch_id: UUID
    is_given_up: bool


class RememberedTouch(Struct, frozen=True, kw_only=True):
    """What became of a touch and when, as it was published of it."""

    touch_id: UUID
    person_id: str
    debt_id: str
    play: str
    occasion: str
    purpose: str
    wording: str
    channels: tuple[str, ...]
    priority: int
    creditor: str
    role: str
    in_reply_to: datetime | None
    at: datetime
    status: TouchStatus
    reason: str | None
    channel: str | None
    attempt_id: UUID | None
    policy: str | None


class UnsentTouch(Struct, frozen=True):
    """As much of an unsent touch as planning compares. `details` is JSON text."""

    status: TouchStatus
    touch_id: UUID
    person_id: str
    debt_id: str
    play: str
    purpose: str
    wording: str
    channels: Sequence[str]
    priority: int
    patience: timedelta
    fallback: timedelta | None
    creditor: str
    portfolio: str | None
    role: str
    planned_for: datetime
    due_at: datetime
    expires_at: datetime
    details: str
    occasion: str
    in_reply_to: datetime | None
