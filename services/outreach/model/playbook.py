"""Which touches follow which event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from outreach.model.flow import NO_CAPS, FlowCaps
from outreach.model.office_hours import USUAL_HOURS, OfficeHours
from outreach.model.words import Channel, Purpose

#: What is due so soon after another goes into one message with it: thanks for a payment in parts.
GATHERS_FOR: Final = timedelta(minutes=1)
#: A creditor's debts that are placed one after the other are introduced, and asked about, as one.
GATHERS_FOR_A_DAY: Final = frozenset({Purpose.INTRODUCTION, Purpose.CHECK_IN})


class Occasion(StrEnum):
    """What a play answers to: an event, a date that an event named, or silence."""

    DEBT_PLACED = "debt.placed"
    DEBT_QUIET = "debt.quiet"
    DEBT_DISPUTED = "debt.disputed"
    DEBT_CLOSED = "debt.closed"
    PAYMENT_RECEIVED = "payment.received"
    PAYMENT_FAILED = "payment.failed"
    PLAN_AGREED = "plan.agreed"
    INSTALMENT_DUE = "instalment.due"
    INSTALMENT_MISSED = "instalment.missed"
    PROMISE_DUE = "promise.due"


class Ending(StrEnum):
    """What makes a play pointless once it happened after the play began."""

    PAYMENT = "payment"
    PLAN = "plan"
    PROMISE = "promise"
    DISPUTE = "dispute"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How a play repeats: after `every`, then `every` × `backoff`, and so on; `at_most` touches."""

    every: timedelta
    backoff: Decimal = Decimal(1)
    at_most: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must be true of the debt; empty means any."""

    creditors: frozenset[str] = frozenset()
    portfolios: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    minimum_balance: Decimal | None = None
    maximum_balance: Decimal | None = None
    older_than: timedelta | None = None
    younger_than: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedWording:
    """A wording in place of a play's usual one; `begins` and `until` are its first and last day."""

    wording: str
    begins: date | None = None
    until: date | None = None

    def is_in_force(self, day: date) -> bool:
        return (self.begins is None or self.begins <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A rule for planning touches.

    `after` counts from the event, or from `at` o'clock in `zone` on the date it named; negative is before.
    `expires` counts from the moment the touch is due. `patience` is how long a more preferred
    channel is waited for; `fallback` how long silence or a bounce is given before the next one.
    A smaller `priority` is more important. A debt that closes ends every play that is not about closing.
    `begins` and `until` are the first and the last day on which a touch may be due, in `zone`; all of
    `conditions` must hold. With `merge` what it has to say about several debts with one creditor is said
    in one message.
    """

    name: str
    on: Occasion
    purpose: Purpose
    wording: str
    channels: tuple[Channel, ...]
    priority: int
    after: timedelta = timedelta(0)
    at: time = time(10)
    zone: ZoneInfo = ZoneInfo("UTC")
    expires: timedelta = timedelta(days=7)
    patience: timedelta = timedelta(hours=24)
    fallback: timedelta | None = None
    repeat: Repeat | None = None
    ends_on: frozenset[Ending] = frozenset()
    conditions: tuple[Conditions, ...] = ()
    begins: date | None = None
    until: date | None = None
    instead: tuple[DatedWording, ...] = ()
    dry_run: bool = False
    merge: bool = True

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every wording that a touch of the play may have, the usual one first."""
        return (self.wording, *(other.wording for other in self.instead))

    def plans_on(self, day: date) -> bool:
        """True where the play is in force on the day that a touch is due."""
        return (self.begins is None or self.begins <= day) and (self.until is None or day <= self.until)

    def wording_on(self, day: date) -> str:
        """Return which wording a touch has that is due on this day."""
        return next((other.wording for other in self.instead if other.is_in_force(day)), self.wording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """All plays, by name, the hash of the file they were read from, and the creditors that it names.

    `our_names` are those under which people hear of us: the agency's and its creditors'.
    `office_hours` are those of the humans who answer people; `acknowledges`: a machine says that one will.
    `flow_caps` hold for creditors and plays, whoever is written to.
    """

    plays: Mapping[str, Play]
    version: str
    creditors: frozenset[str] = frozenset()
    our_names: tuple[str, ...] = ()
    office_hours: OfficeHours = USUAL_HOURS
    acknowledges: bool = False
    flow_caps: FlowCaps = NO_CAPS


#: The play of answers to a person. No playbook names it; they are about no debt, so planning never sees them.
ANSWERS = "answer"

#: Priority where a play names none: replies, confirmations, plans and promises, instalments, check-ins.
PRIORITIES: Mapping[Purpose, int] = {
    Purpose.OPT_OUT_CONFIRMATION: 0,
    Purpose.HELP_REPLY: 0,
    Purpose.CONVERSATION_REPLY: 0,
    Purpose.HUMAN_REPLY: 0,
    Purpose.PAYMENT_CONFIRMATION: 10,
    Purpose.PLAN_CONFIRMATION: 10,
    Purpose.CLOSURE: 10,
    Purpose.DISPUTE_ACKNOWLEDGEMENT: 10,
    Purpose.COLLECTION_TERMINATED_NOTICE: 10,
    Purpose.PROMISE_REMINDER: 20,
    Purpose.PAYMENT_FAILED: 20,
    Purpose.INTRODUCTION: 30,
    Purpose.REMINDER: 30,
    Purpose.CONSENT_REQUEST: 40,
    Purpose.HARDSHIP_FOLLOW_UP: 40,
    Purpose.CHECK_IN: 50,
}
