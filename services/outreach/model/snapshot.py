"""As much of what preferences published of a person as deciding and writing look at.

The same words as in `people.v1`; what is stored was checked when it was heard, so it is only read here.
"""

from datetime import date, datetime

import msgspec
from msgspec import Struct

from outreach.model.person import Address
from outreach.model.words import Basis, Channel, CheckResult


class Names(Struct, frozen=True):
    """How to address the person. `full` is the whole name where its parts are not known."""

    given: str | None = None
    family: str | None = None
    full: str | None = None


class Phone(Struct, frozen=True):
    """A telephone number in E.164. `work`: it belongs to the employer."""

    number: str
    kind: str = "unknown"
    work: bool = False


class Email(Struct, frozen=True):
    """An email address. `work`: it belongs to the employer."""

    address: str
    work: bool = False


class Window(Struct, frozen=True):
    """A weekly span of local time, in the spelling of the wire: `mon`, `09:00`, `24:00`."""

    days: tuple[str, ...]
    begins: str
    ends: str


class ConsentHeld(Struct, frozen=True):
    """A consent that stands: for one address, or for the whole channel."""

    channel: Channel
    basis: Basis
    address: str | None = None
    at: datetime | None = None
    heard_at: datetime | None = None


class HoldHeld(Struct, frozen=True):
    """A hold that was not lifted. Its edges are ISO 8601, instants or dates."""

    kind: str
    debt_id: str | None = None
    since: str | None = None
    until: str | None = None
    days: int | None = None


class NumberChecked(Struct, frozen=True):
    """The latest check of one number."""

    number: str
    result: CheckResult
    at: datetime


class Notice(Struct, frozen=True):
    """A notice that was posted, about one debt or about all."""

    name: str
    on: date
    debt_id: str | None = None


class OptedOut(Struct, frozen=True):
    """A closed channel or address, and what closed it."""

    channel: Channel
    at: datetime
    address: str | None = None
    kind: str = "opted_out"


class Snapshot(Struct, frozen=True, kw_only=True):
    """A person as preferences told of them last. `preferred_channels` are in the person's order.

    `other_numbers` are those of the person's other ids: they suggest where the person is, and nothing else.
    """

    version: int
    names: Names | None = None
    language: str | None = None
    addresses: tuple[Address, ...] = ()
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    zones: tuple[str, ...] = ()
    convenient: tuple[Window, ...] = ()
    inconvenient: tuple[Window, ...] = ()
    refused_channels: tuple[Channel, ...] = ()
    preferred_channels: tuple[Channel, ...] = ()
    consents: tuple[ConsentHeld, ...] = ()
    holds: tuple[HoldHeld, ...] = ()
    number_checks: tuple[NumberChecked, ...] = ()
    notices: tuple[Notice, ...] = ()
    opt_outs: tuple[OptedOut, ...] = ()
    other_numbers: tuple[str, ...] = ()
    unreadable: bool = False


parse_snapshot = msgspec.json.Decoder(Snapshot).decode
