"""A message from a person, what is known when it comes, and what it leads to: the values of listening."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from foundation.outbox import OutgoingEvent
from outreach.model.contact import Contact
from outreach.model.debt import Debt
from outreach.model.office_hours import USUAL_HOURS, OfficeHours
from outreach.model.reply import HandOff, KeptReply, PastMessage
from outreach.model.suppression import Suppression
from outreach.model.touch import DesiredTouch
from outreach.model.words import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message from a person.

    `confirmed_by_vendor`: the vendor has answered the keyword itself. `stopped_at_vendor` and
    `started_at_vendor`: the vendor took it for a stop or a start, perhaps by a keyword of the
    agency's own that only it knows. `person_id` is whom the message that it answers was for, where
    the reply itself proves which it is. `is_proven` is false of an email that proves nothing: its
    sender may be forged. `automatic` names the kind of program that wrote it. Of what `person_id` asked
    a human for on a page, `asked` are the kinds, and `wish` says when they would like to talk.
    """

    reply_id: str
    channel: Channel
    address: str
    text: str
    received_at: datetime
    confirmed_by_vendor: bool = False
    stopped_at_vendor: bool = False
    started_at_vendor: bool = False
    person_id: str | None = None
    is_proven: bool = True
    automatic: str | None = None
    pictures: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    wish: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFacts:
    """What is known when a reply comes.

    `people` are those it may come from, `debts` what they owe, and `liftable` what a START at the
    reply's address takes back, the first of which began at `closed_since`, the last at `stopped_at`.
    `stays_closed`: something else than these closes the channel there too. `past` is what we sent to them,
    the newest first; `language` and `today` are those of the first of them, as far as known.
    `is_unsafe`: others read what comes to the address. `is_waiting`: something they wrote waits for a human
    already. `digest` is how the address is told to others. `our_names` are the agency's and its creditors'.
    """

    people: Sequence[str]
    debts: Sequence[Debt]
    liftable: Sequence[Suppression]
    digest: str = ""
    stopped_at: datetime | None = None
    past: Sequence[PastMessage] = ()
    language: str | None = None
    today: date | None = None
    closed_since: datetime | None = None
    stays_closed: bool = False
    is_unsafe: bool = False
    is_waiting: bool = False
    our_names: Sequence[str] = ()

    def debts_of(self, person: str) -> list[str]:
        """Return the ids of what this person owes."""
        return [debt.debt_id for debt in self.debts if debt.person_id == person]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """How the agency answers: when humans are at work, and whether a machine says that one will read it."""

    hours: OfficeHours = USUAL_HOURS
    acknowledges: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyEffects:
    """What a reply that was never heard before leads to, all of which is recorded at once.

    `contacts` go into the ledger, by person. `closed` and `lifted` are the suppressions that begin
    and end with it, `unsafe` those among the closed that no START takes back, `answer` is the touch that
    it gets by itself, `hand_offs` wait for a human, and `events` are what others hear. `proves_address`: who
    wrote it has the address that it came from.
    """

    kept: KeptReply
    contacts: Mapping[str, Contact]
    closed: Sequence[Suppression]
    unsafe: Sequence[Suppression]
    lifted: Sequence[Suppression]
    answer: DesiredTouch | None
    hand_offs: Sequence[HandOff]
    events: Sequence[OutgoingEvent]
    proves_address: bool = True
