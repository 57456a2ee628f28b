"""A situation with what follows from it: zones, the ledger as it counts, what the purpose passes."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

from outreach.model.contact import Contact
from outreach.model.words import Basis, Channel, ContactOutcome, Direction, Purpose, Reason
from outreach.policy.evidence import Places, locate
from outreach.policy.exemptions import HUMAN_WITHIN, REPLIES, REPLY_WITHIN, passes
from outreach.policy.situation import Situation
from outreach.policy.spans import Span
from outreach.policy.zones import instant_of

#: Contacts that never happened.
_NEVER_MADE = frozenset({ContactOutcome.NOT_SENT, ContactOutcome.REFUSED})
_OUTBOUND: Final = Direction.OUTBOUND
_WHEN: Final = attrgetter("at")


class Ban(NamedTuple):
    """A stretch of time in which one rule forbids the message.

    One that never ends suppresses, whatever its reason: no instant can be named. `on` is the fact
    it rests on, for those who ask why.
    """

    reason: Reason
    span: Span
    on: Any = None


class Inquiry:
    """What rules look at. Built once for a decision; nothing in it changes.

    `made` are the earlier contacts that were attempted, oldest first; `counted` those of them
    that count against caps: an answer to the person does not.
    """

    __slots__ = (
        "_counted_at", "answered", "channel", "counted", "evidence_places", "facts", "made", "now", "passed",
        "situation", "subject", "zones",
    )  # fmt: skip

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.now = situation.now
        self.subject = situation.subject
        self.channel = situation.subject.channel
        self.facts = situation.facts
        self.evidence_places: Places = locate(situation.evidence)
        self.zones: frozenset[str] = self.evidence_places.zones
        self.made: Sequence[Contact] = sorted(
            [
                contact
                for contact in situation.ledger
                if contact.direction is _OUTBOUND and contact.outcome not in _NEVER_MADE
            ],
            key=_WHEN,
        )
        self.counted: Sequence[Contact] = _counted(self.made)
        self._counted_at = [contact.at for contact in self.counted]
        spoken = situation.subject.in_reply_to
        self.answered = spoken is not None and any(contact.in_reply_to == spoken for contact in self.made)
        self.passed: Mapping[Reason, Span] = passes(situation.subject, answered=self.answered)

    def counted_since(self, instant: datetime) -> Sequence[Contact]:
        """Return the contacts that count and were made after an instant, oldest first."""
        return self.counted[bisect_right(self._counted_at, instant) :]

    def instant_of(self, moment: datetime | date) -> datetime:
        """Return the instant a fact names; a date means local midnight in the latest of the zones."""
        return instant_of(moment, self.zones)

    def concerns_the_debt(self, contact: Contact) -> bool:
        """A contact or a message without a debt counts for every debt."""
        debt = self.subject.debt
        return debt is None or not contact.debts or debt in contact.debts

    def concerns_the_creditor(self, contact: Contact) -> bool:
        """Likewise without a creditor."""
        creditor = self.subject.creditor
        return creditor is None or contact.creditor is None or creditor == contact.creditor

    def bases(self, channel: Channel) -> set[Basis]:
        """Return every right to use a channel; written consent is direct, a message is use."""
        bases = {consent.basis for consent in self.facts.consents.get(channel, ())}
        if Basis.WRITTEN in bases:
            bases.add(Basis.DIRECT)
        if channel in self.facts.last_inbound:
            bases.add(Basis.CONSUMER_USED)
        return bases


def _counted(made: Sequence[Contact]) -> Sequence[Contact]:
    """Leave out answers to the person: a machine's first to each message within a day of it, a human's all.

    A later or a second one passed nothing when it went out; it was an ordinary contact and counts. Of two at
    one instant neither is the first, so both count.
    """
    if not any([contact.in_reply_to for contact in made]):  # noqa: C419 - faster than asking one by one
        return made
    at_once = Counter((contact.in_reply_to, contact.at) for contact in made)
    answered: set[datetime] = set()
    counted = []
    for contact in made:
        spoken = contact.in_reply_to
        if spoken is None:
            counted.append(contact)
            continue
        if contact.purpose is Purpose.HUMAN_REPLY:
            if not spoken <= contact.at <= spoken + HUMAN_WITHIN:
                counted.append(contact)
            answered.add(spoken)
            continue
        answers = contact.purpose is None or contact.purpose in REPLIES
        is_first = spoken not in answered and at_once[spoken, contact.at] == 1
        if not (answers and is_first and spoken <= contact.at <= spoken + REPLY_WITHIN):
            counted.append(contact)
        answered.add(spoken)
    return counted
