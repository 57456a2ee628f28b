"""What is known of the human being: where they may be, and what they wish and allow.

What is left at its default is left out of stored situations, so a default must never change.
"""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from outreach.model.window import WeeklyWindow
from outreach.model.words import Basis, Channel, CheckResult, EventKind, HoldKind


class Address(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A postal address as far as it says where somebody is. `country` is ISO 3166 alpha-2."""

    country: str
    region: str | None = None
    postal_code: str | None = None


class Evidence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that suggests where a person is. `phones` are E.164; `zones` are stated IANA names."""

    addresses: tuple[Address, ...] = ()
    phones: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


class Wishes(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the person asked for, told to the collector directly. Windows are in their local time."""

    convenient: tuple[WeeklyWindow, ...] = ()
    inconvenient: tuple[WeeklyWindow, ...] = ()
    refused_channels: frozenset[Channel] = frozenset()


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The right to use a channel; `at` may be unknown, which satisfies no rule that asks for an age.

    `heard_at` decides nothing: it shows afterwards whether the consent came before or after a stop.
    """

    basis: Basis
    at: datetime | None = None
    heard_at: datetime | None = None


class NumberCheck(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest reassigned-number check."""

    at: datetime
    result: CheckResult


class OptOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The person closed a channel. It stands until it is lifted by name."""

    channel: Channel
    at: datetime


class Hold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact that stops contact, in force from `since` (inside) until `until` (not inside).

    A `date` means local midnight at its start, in the latest of the person's zones.
    `days` counts elapsed days of 24 hours from `since`. No end: until it is lifted.
    """

    kind: HoldKind
    since: datetime | date | None = None
    until: datetime | date | None = None
    days: int | None = None


class PersonEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a cooldown counts from."""

    kind: EventKind
    at: datetime


class Inbound(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A raw message from the person, not yet understood."""

    channel: Channel
    at: datetime
    text: str


class Facts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known about one person and one debt when a touch is decided.

    A fact left out is known to be none. `nothing_due` is True only for a balance known to be nil.
    `unavailable` means the facts could not be read, so nothing may be assumed.
    """

    consents: Mapping[Channel, tuple[Consent, ...]] = {}
    last_inbound: Mapping[Channel, datetime] = {}
    number_check: NumberCheck | None = None
    opt_outs: tuple[OptOut, ...] = ()
    inbound: tuple[Inbound, ...] = ()
    work_address: frozenset[Channel] = frozenset()
    holds: tuple[Hold, ...] = ()
    notices: Mapping[str, date] = {}
    events: tuple[PersonEvent, ...] = ()
    validation_period_ends: date | None = None
    nothing_due: bool = False
    unavailable: bool = False
