"""What a decision rested on, as it was written down with it; read with shapes of the audit's own."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from outreach.model.person import Evidence


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be sent."""

    channel: str
    purpose: str
    debt: str | None = None
    in_reply_to: datetime | None = None
    expires_at: datetime | None = None
    key: str | None = None
    agreed_at: datetime | None = None
    by_machine: bool = False
    creditor: str | None = None
    portfolio: str | None = None
    play: str | None = None


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A weekly window that the person told us of, in seconds since local midnight."""

    days: frozenset[int]
    begins: int
    ends: int


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the person asked for."""

    convenient: tuple[Window, ...] = ()
    inconvenient: tuple[Window, ...] = ()
    refused_channels: frozenset[str] = frozenset()


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A right to use a channel: when it was given, as far as known, and when it was heard."""

    basis: str
    at: datetime | None = None
    heard_at: datetime | None = None


class NumberCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The latest check of the number."""

    at: datetime
    result: str


class OptOut(msgspec.Struct, frozen=True, kw_only=True):
    """A closed channel."""

    channel: str
    at: datetime


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that stops contact; its edges are instants or dates, in ISO 8601."""

    kind: str
    since: str | None = None
    until: str | None = None
    days: int | None = None


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """A payment, a plan or a conversation."""

    kind: str
    at: datetime


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of the person and the debt."""

    consents: Mapping[str, tuple[Consent, ...]] = {}
    last_inbound: Mapping[str, datetime] = {}
    number_check: NumberCheck | None = None
    opt_outs: tuple[OptOut, ...] = ()
    inbound: tuple[Any, ...] = ()
    work_address: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    notices: Mapping[str, date] = {}
    events: tuple[Happened, ...] = ()
    validation_period_ends: date | None = None
    nothing_due: bool = False
    unavailable: bool = False


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger."""

    at: datetime
    channel: str
    direction: str = "outbound"
    debts: frozenset[str] = frozenset()
    creditor: str | None = None
    purpose: str | None = None
    outcome: str | None = None
    in_reply_to: datetime | None = None
    key: str | None = None


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole question."""

    now: datetime
    role: str
    subject: Subject
    evidence: Evidence
    wishes: Wishes
    facts: Facts
    ledger: tuple[Contact, ...] = ()
    packs: tuple[str, ...] | None = None


read_situation = msgspec.json.Decoder(Situation).decode
