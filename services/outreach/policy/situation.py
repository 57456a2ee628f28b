"""All that a decision may rest on. What is not in a situation is not looked at."""

from datetime import datetime

from msgspec import Struct

from outreach.model.contact import Contact
from outreach.model.person import Evidence, Facts, Wishes
from outreach.model.words import Channel, Purpose, Role


class Subject(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The message that is asked about.

    `debt` None counts for every debt. `in_reply_to` is the instant of the person's message that
    it answers; `key` is the touch's natural key. `agreed_at` is when the plan or promise was agreed
    that it reminds of. `by_machine`: no human answers, though one will. `creditor`, `portfolio` and `play`
    only matter to an agency's own rules.
    """

    channel: Channel
    purpose: Purpose
    debt: str | None = None
    in_reply_to: datetime | None = None
    expires_at: datetime | None = None
    key: str | None = None
    agreed_at: datetime | None = None
    by_machine: bool = False
    creditor: str | None = None
    portfolio: str | None = None
    play: str | None = None


class Situation(Struct, frozen=True, kw_only=True):
    """One question, whether a message may go to a person now.

    `now` is aware and in UTC. `ledger` is every earlier contact, in any order, for as long as any
    cap looks back (a calendar month). `packs` None means `house` and every pack of every
    jurisdiction the person may be in; a tuple means exactly these.
    """

    now: datetime
    role: Role
    subject: Subject
    evidence: Evidence = Evidence()
    wishes: Wishes = Wishes()
    facts: Facts = Facts()
    ledger: tuple[Contact, ...] = ()
    packs: tuple[str, ...] | None = None
