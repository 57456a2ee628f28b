"""The ledger: every contact with a person, made or attempted by us or by another system."""

from datetime import datetime

from msgspec import Struct

from outreach.model.words import Channel, ContactOutcome, Direction, Purpose


class Contact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of the ledger.

    `debts` are the accounts it was about; empty counts for every debt, and `creditor` None for
    every creditor. `in_reply_to` is the instant of the person's message that it answered; `key`
    is the natural key of our touch.
    """

    at: datetime
    channel: Channel
    direction: Direction = Direction.OUTBOUND
    debts: frozenset[str] = frozenset()
    creditor: str | None = None
    purpose: Purpose | None = None
    outcome: ContactOutcome | None = None
    in_reply_to: datetime | None = None
    key: str | None = None

    @property
    def was_heard(self) -> bool:
        """True where the person spoke: they wrote or called, or answered."""
        return self.direction is Direction.INBOUND or self.outcome is ContactOutcome.ANSWERED
