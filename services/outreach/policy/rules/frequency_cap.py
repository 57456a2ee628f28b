"""Nobody is contacted too often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.model.contact import Contact
from outreach.model.words import Channel, ContactOutcome, EventKind, Purpose, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import ALL_CHANNELS, Terms
from outreach.policy.spans import MOMENT, Span
from outreach.policy.zones import month_of

#: No calendar month that any clock shows now began earlier: 31 days, and a day for the clocks that differ.
_A_MONTH_AT_MOST = timedelta(days=32)


class Scope(StrEnum):
    """What a cap is kept for."""

    PERSON = "person"
    ACCOUNT = "account"
    CREDITOR = "creditor"


class Counts(StrEnum):
    """What a cap counts: attempts, or conversations that took place."""

    CONTACTS = "contacts"
    CONVERSATIONS = "conversations"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyCap:
    """Hold a message while `limit` contacts have been made within `window`.

    An earlier contact counts if `now - window < at <= now`, and frees its slot at exactly
    `at + window`. `window` None is the calendar month, in each of the person's zones. Contacts
    count on `counted_channels`, and only for `counted_purposes` where those are given.
    """

    terms: Terms
    limit: int
    window: timedelta | None
    scope: Scope = Scope.PERSON
    counts: Counts = Counts.CONTACTS
    counted_channels: frozenset[Channel] = ALL_CHANNELS
    counted_purposes: frozenset[Purpose] | None = None
    unanswered_count: bool = True
    to_work_address_only: bool = False

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        if self.to_work_address_only and inquiry.channel not in inquiry.facts.work_address:
            return ()
        if self.window is None:
            return self._in_months(inquiry)
        limit, window = self.limit, self.window
        times = self.times(inquiry, since=inquiry.now - window)
        if len(times) < limit:
            return ()
        return [
            Ban(Reason.FREQUENCY_CAP, Span(last, first + window), first)
            for first, last in zip(times, times[limit - 1 :], strict=False)
            if last < first + window
        ]

    def times(self, inquiry: Inquiry, *, since: datetime) -> Sequence[datetime]:
        """Return when contacts that count were made after `since`, oldest first."""
        if self.counts is Counts.CONVERSATIONS:
            spoken = (event.at for event in inquiry.facts.events if event.kind is EventKind.CONVERSATION)
            return sorted(at for at in spoken if at > since)
        channels = self.counted_channels
        recent = [contact for contact in inquiry.counted_since(since) if contact.channel in channels]
        if self.scope is Scope.PERSON and self.unanswered_count and self.counted_purposes is None:
            return [contact.at for contact in recent]
        return [contact.at for contact in recent if self._counts(contact, inquiry)]

    def _counts(self, contact: Contact, inquiry: Inquiry) -> bool:
        return (
            (self.unanswered_count or contact.outcome is not ContactOutcome.UNANSWERED)
            and (self.counted_purposes is None or contact.purpose in self.counted_purposes)
            and (self.scope is not Scope.ACCOUNT or inquiry.concerns_the_debt(contact))
            and (self.scope is not Scope.CREDITOR or inquiry.concerns_the_creditor(contact))
        )

    def _in_months(self, inquiry: Inquiry) -> list[Ban]:
        if len(self.times(inquiry, since=inquiry.now - _A_MONTH_AT_MOST)) < self.limit:
            return []  # as with most people: no calendar need be asked
        months = {month_of(inquiry.now, zone) for zone in inquiry.zones}
        if not months:
            return []
        times = self.times(inquiry, since=min(months).begins - MOMENT)
        if len(times) < self.limit:
            return []
        months |= {month_of(at, zone) for at in times if at > inquiry.now for zone in inquiry.zones}
        return [ban for month in months if (ban := self._in_month(month, times)) is not None]

    def _in_month(self, month: Span, times: Sequence[datetime]) -> Ban | None:
        inside = [at for at in times if month.covers(at)]
        if len(inside) < self.limit:
            return None
        return Ban(Reason.FREQUENCY_CAP, Span(inside[self.limit - 1], month.ends), inside[0])

    def facts(self, inquiry: Inquiry) -> str:
        if self.window is not None:
            counted = [at for at in self.times(inquiry, since=inquiry.now - self.window) if at <= inquiry.now]
            return f"{_shown(counted)} of {self.limit} in {_length(self.window)}, per {self.scope}"
        months = {month_of(inquiry.now, zone) for zone in inquiry.zones}
        fullest: Sequence[datetime] = max(
            (self._so_far(inquiry, month) for month in months), key=len, default=()
        )
        return f"{_shown(fullest)} of {self.limit} in the calendar month, per {self.scope}"

    def _so_far(self, inquiry: Inquiry, month: Span) -> Sequence[datetime]:
        return [at for at in self.times(inquiry, since=month.begins - MOMENT) if at <= inquiry.now]


def _shown(times: Sequence[datetime]) -> str:
    return f"{len(times)} ({', '.join(at.isoformat() for at in times)})" if times else "0"


def _length(window: timedelta) -> str:
    hours = window / timedelta(hours=1)
    return f"{hours:g} h"
