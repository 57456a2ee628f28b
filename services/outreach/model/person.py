"""What is known of the human being: where they may be, and what they wish and allow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from outreach.model.window import WeeklyWindow
from outreach.model.words import Basis, Channel, CheckResult, EventKind, HoldKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address as far as it says where somebody is. `country` is ISO 3166 alpha-2."""

    country: str
    region: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that suggests where a person is. `phones` are E.164; `zones` are stated IANA names."""

    addresses: tuple[Address, ...] = ()
    phones: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person asked for, told to the collector directly. Windows are in their local time."""

    convenient: tuple[WeeklyWindow, ...] = ()
    inconvenient: tuple[WeeklyWindow, ...] = ()
    refused_channels: frozenset[Channel] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The right to use a channel; `at` may be unknown, which satisfies no rule that asks for an age."""

    basis: Basis
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCheck:
    """The latest reassigned-number check."""

    at: datetime
    result: CheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """The person closed a channel. It stands until it is lifted by name."""

    channel: Channel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A fact that stops contact, in force from `since` (inside) until `until` (not inside).

    A `date` means local midnight at its start, in the latest of the person's zones.
    `days` counts elapsed days of 24 hours from `since`. No end: until it is lifted.
    """

    kind: HoldKind
    since: datetime | date | None = None
    until: datetime | date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEvent:
    """Something a cooldown counts from."""

    kind: EventKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A raw message from the person, not yet understood."""

    channel: Channel
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about one person and one debt when a touch is decided.

    A fact left out is known to be none. `nothing_due` is True only for a balance known to be nil.
    `unavailable` means the facts could not be read, so nothing may be assumed.
    """

    consents: Mapping[Channel, tuple[Consent, ...]] = field(default_factory=dict)
    last_inbound: Mapping[Channel, datetime] = field(default_factory=dict)
    number_check: NumberCheck | None = None
    opt_outs: tuple[OptOut, ...] = ()
    inbound: tuple[Inbound, ...] = ()
    work_address: frozenset[Channel] = frozenset()
    holds: tuple[Hold, ...] = ()
    notices: Mapping[str, date] = field(default_factory=dict)
    events: tuple[PersonEvent, ...] = ()
    validation_period_ends: date | None = None
    nothing_due: bool = False
    unavailable: bool = False
