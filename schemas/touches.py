"""The life of a touch, as outreach tells it (`outreach.touches.v1`)."""

from typing import Annotated

from pydantic import Field

from schemas.values import EventData, Id, Instant, Line, Word
from schemas.vocabulary import Channel, Role, TouchPurpose

Reasons = Annotated[tuple[Word, ...], Field(min_length=1)]


class Touch(EventData):
    """What every event of a touch tells. `debts` are the accounts it is about.

    `occasion` sets it apart from other touches of its play; `in_reply_to` is when the person wrote what it
    answers.
    """

    person_id: Id
    touch_id: Id
    debts: tuple[Id, ...]
    play: Id
    purpose: TouchPurpose
    channel: Channel | None = None
    policy_version: Id | None = None
    reasons: tuple[Word, ...] = ()
    occasion: Line | None = None
    wording: Id | None = None
    creditor: Id | None = None
    role: Role | None = None
    in_reply_to: Instant | None = None


class Attempted(Touch):
    """A touch for which a provider was called.

    `address_digest` names the address without telling it: the same address always has the same.
    """

    channel: Channel
    attempt_id: Id
    address_digest: Id | None = None
    segments: Annotated[int, Field(ge=1)] | None = None


class TouchPlanned(Touch):
    """It will be decided at `due_at`."""

    due_at: Instant


class TouchDeferred(Touch):
    """It may not go out before `until`, for these reasons."""

    until: Instant
    reasons: Reasons


class TouchSuppressed(Touch):
    """It may not go out: for good where `final`, else until a fact changes."""

    final: bool
    reasons: Reasons


class TouchAccepted(Attempted):
    """The provider has taken it over."""


class TouchRefused(Attempted):
    """The provider will never send it; `code` is the provider's."""

    code: Id | None = None


class TouchDelivered(Attempted):
    """The provider says that it arrived."""


class TouchUndelivered(Attempted):
    """The provider says that it did not arrive; `code` is the provider's."""

    code: Id | None = None


class TouchUnknown(Attempted):
    """It may have gone out; it is never repeated."""


class TouchCancelled(Touch):
    """What it was for no longer holds, such as a reminder of what has been paid."""


class TouchExpired(Touch):
    """It came too late for its purpose."""
