"""What arrived: every message, in order, and every request that was turned away."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Vendor = Literal["twilio", "sendgrid"]


@dataclass(slots=True, kw_only=True)
class Arrival:
    """A message that a phone or a mailbox has, or one that a person sent (`inbound`).

    `accepted` is False for what went out although our caller was told otherwise, or nothing. `fault`
    is what it met, such as `cut` or `status 500`; `reported` are its receipts so far, each with the
    status that outreach answered, None where nobody took it.
    """

    message_id: str
    vendor: Vendor
    at: datetime
    to: str
    sender: str
    text: str
    subject: str | None = None
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attempt_id: str | None = None
    status_url: str | None = None
    valid_for: int | None = None
    status: str = "accepted"
    accepted: bool = True
    inbound: bool = False
    fault: str | None = None
    reported: list[tuple[str, int | None]] = field(default_factory=list)
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAway:
    """A request that was answered with anything but yes, and why."""

    vendor: Vendor
    at: datetime
    to: str | None
    status: int
    why: str
    request: Mapping[str, Any]


@dataclass(slots=True)
class Arrivals:
    """Everything since the start, or since it was last forgotten.

    `swallowed` are messages that were read and that a fault kept from going out.
    """

    seed: str
    messages: list[Arrival] = field(default_factory=list)
    swallowed: list[Arrival] = field(default_factory=list)
    turned_away: list[TurnedAway] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    _count: int = 0

    def next_id(self, *, length: int = 32) -> str:
        """Return a hexadecimal id that is never returned again, the same for the same seed and turn."""
        self._count += 1
        return hashlib.sha256(f"{self.seed}:{self._count}".encode()).hexdigest()[:length]

    def latest(self, *, vendor: Vendor, to: str) -> Arrival | None:
        """Return the newest message that an address got."""
        outbound = (message for message in reversed(self.messages) if not message.inbound)
        return next((arrival for arrival in outbound if arrival.vendor == vendor and arrival.to == to), None)

    def forget(self) -> None:
        self.messages.clear()
        self.swallowed.clear()
        self.turned_away.clear()
        self.violations.clear()
