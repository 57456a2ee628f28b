"""Attempts as values: one provider call each, from the decision to what the provider said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from outreach.model.words import Channel


class Settlement(Struct, frozen=True):
    """What a call came to: `accepted`, `refused`, `not_sent` or `unknown`."""

    outcome: str
    code: str | None = None
    provider_message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttempt:
    """An attempt with all that has become of it. `others` are the touches with `touch_id` of its message."""

    attempt_id: UUID
    touch_id: UUID
    others: Sequence[UUID]
    person_id: str
    address: str
    channel: Channel
    decided_at: datetime
    called_at: datetime | None
    settled_at: datetime | None
    outcome: str | None
    code: str | None
    receipt: str | None
    message: str
    tries: int
