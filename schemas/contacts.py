"""Contacts that other systems made, and the answers they got (`contacts.v1`)."""

from typing import ClassVar

from schemas.values import EventData, Id, Instant, Reach
from schemas.vocabulary import Channel, ContactOutcome, Direction, Purpose


class ContactRecorded(EventData):
    """A call, letter, visit or message that another system made or received.

    It counts in the ledger like our own. `at` is when it happened, else the time of the event.
    Without `debt_id` it counts for every debt of the person.
    """

    past: ClassVar[tuple[str, ...]] = ("at",)

    contact_id: Id
    channel: Channel
    direction: Direction
    outcome: ContactOutcome
    debt_id: Id | None = None
    purpose: Purpose | None = None
    at: Instant | None = None
    address: Reach | None = None
