"""One message that was sent, with what follows from it: where the person may be, and what it may pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from outreach.audit.clocks import WallClock, has_begun, read_clock
from outreach.audit.recorded import Contact, Situation
from outreach.audit.sent import Called
from outreach.model.words import Role
from outreach.policy.evidence import Places, locate
from outreach.policy.place import Place
from outreach.policy.policy import AnyRule, Policy
from outreach.policy.rules.terms import Terms

_ANSWERS = frozenset({"conversation_reply", "help_reply", "opt_out_confirmation"})
_REPLIES = _ANSWERS | {"human_reply"}
_HUMANS_ANSWER = timedelta(days=7)
_AN_ANSWER_IS_FRESH = timedelta(hours=24)
_NEVER_MADE = frozenset({"not_sent", "refused"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Message:
    """What was sent, when, and every earlier contact, as the ledger has our own."""

    called: Called
    situation: Situation
    policy: Policy
    earlier: Sequence[Contact] = field(default=())

    @property
    def at(self) -> datetime:
        """When the call began."""
        return self.called.called_at

    @cached_property
    def places(self) -> Places:
        return locate(self.situation.evidence)

    @cached_property
    def rules(self) -> Sequence[AnyRule]:
        """Every rule of packs and agency that binds such a message at that instant."""
        return [candidate for candidate in self._candidates() if self._binds(candidate.terms)]

    @cached_property
    def made(self) -> Sequence[Contact]:
        """Earlier messages and calls to the person that were attempted."""
        return [
            contact
            for contact in self.earlier
            if contact.direction == "outbound"
            and contact.outcome not in _NEVER_MADE
            and contact.at <= self.at
        ]

    @cached_property
    def counted(self) -> Sequence[Contact]:
        """Those that count: an answer to the person, the first within a day of their message, does not."""
        return [contact for contact in self.made if not self._was_an_answer(contact)]

    @property
    def reached_nobody(self) -> bool:
        """True where the provider certainly sent nothing: it took nobody's time."""
        return self.called.became in _NEVER_MADE

    @property
    def purpose(self) -> str:
        return self.situation.subject.purpose

    @cached_property
    def is_a_fresh_answer(self) -> bool:
        """True for the first answer to a person's message, within a day of it: it passes hours and caps."""
        spoken = self.situation.subject.in_reply_to
        if self.purpose not in _ANSWERS or spoken is None:
            return False
        answered = any(contact.in_reply_to == spoken for contact in self.made)
        return not answered and spoken <= self.at <= spoken + _AN_ANSWER_IS_FRESH

    @cached_property
    def is_a_humans_answer(self) -> bool:
        """True for what a human writes within a week of what the person wrote: it passes caps."""
        return self.purpose == "human_reply" and self._is_within(_HUMANS_ANSWER)

    @cached_property
    def is_a_prompt_humans_answer(self) -> bool:
        """The same within a day, when it passes hours too; what a machine says in their place does not."""
        return (
            self.purpose == "human_reply"
            and not self.situation.subject.by_machine
            and self._is_within(_AN_ANSWER_IS_FRESH)
        )

    def _is_within(self, span: timedelta) -> bool:
        spoken = self.situation.subject.in_reply_to
        return spoken is not None and spoken <= self.at <= spoken + span

    def has_begun(self, edge: str | datetime) -> bool:
        """True at and after a fact's edge."""
        return has_begun(edge, self.at, self.places.zones)

    def has_begun_at(self, edge: str, instant: datetime) -> bool:
        """The same, asked of another instant."""
        return has_begun(edge, instant, self.places.zones)

    def concerns_the_debt(self, debts: frozenset[str]) -> bool:
        """A contact without a debt is about all of them."""
        debt = self.situation.subject.debt
        return debt is None or not debts or debt in debts

    def _was_an_answer(self, contact: Contact) -> bool:
        spoken = contact.in_reply_to
        if spoken is None or (contact.purpose is not None and contact.purpose not in _REPLIES):
            return False
        if contact.purpose == "human_reply":
            return spoken <= contact.at <= spoken + _HUMANS_ANSWER
        first = min(contact.at for contact in self.made if contact.in_reply_to == spoken)
        return contact.at == first and spoken <= contact.at <= spoken + _AN_ANSWER_IS_FRESH

    def _candidates(self) -> Iterator[AnyRule]:
        policy, named = self.policy, self.situation.packs
        for name, pack in policy.packs.items():
            follows = (not pack.draft or name in policy.drafts) and (
                pack.everywhere or bool(pack.jurisdictions & self.places.jurisdictions)
            )
            if name in policy.always or (name in named if named is not None else follows):
                yield from pack.rules
        yield from policy.own

    def _binds(self, terms: Terms) -> bool:
        subject = self.situation.subject
        return (
            not terms.shadow
            and subject.channel in terms.channels
            and Role(self.situation.role) in terms.roles
            and (terms.purposes is None or subject.purpose in terms.purposes)
            and subject.purpose not in terms.except_purposes
            and (not terms.creditors or subject.creditor in terms.creditors)
            and (not terms.portfolios or subject.portfolio in terms.portfolios)
            and (not terms.plays or subject.play in terms.plays)
            and (not terms.places or any(self._may_be_in(place) for place in terms.places))
            and self._is_in_force(terms)
        )

    def _may_be_in(self, place: Place) -> bool:
        """True where what is known of the person may mean this place: its name, or an address's code."""
        if place.codes is None:
            name = "-".join(part for part in (place.country, place.region) if part)
            return name in self.places.jurisdictions
        first, last = place.codes
        for country, code in self.places.postal_codes:
            begins = code[: len(first)]
            if country == place.country and len(begins) == len(first) and first <= begins <= last:
                return True
        return False

    def _is_in_force(self, terms: Terms) -> bool:
        if terms.effective_from is not None and not has_begun(
            terms.effective_from, self.at, self.places.zones
        ):
            return False
        last = terms.effective_until
        return last is None or not has_begun(last + _DAY, self.at, self.places.zones)

    def clocks(self, fixed: str | None = None) -> dict[str, WallClock]:
        """Return what the clocks show in every zone the person may be in, or in the one a rule fixes."""
        zones = sorted(self.places.zones) if fixed is None else [fixed]
        return {zone: read_clock(self.at, zone) for zone in zones}
