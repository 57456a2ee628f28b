"""What topics still hold of somebody who is erased, and for how long, by the settings of each. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from schemas import topics

#: What is in each topic of a person.
_HOLDS: Final[Mapping[str, str]] = {
    topics.DEBTS: "their debts, as published",
    topics.PAYMENTS: "their payments, plans and promises",
    topics.PERSON_EVENTS: "what was said of them: names, addresses, wishes",
    topics.CONTACTS: "calls, letters and visits, with their numbers",
    topics.PEOPLE: "their snapshots of before; person.erased stays",
    topics.TOUCHES: "when they were sent something, without words",
    topics.REPLIES: "what they answered, in their own words, and their stops",
    topics.QUARANTINE: "where records about them lie, without content",
}
#: Kafka's own, where a topic has none of its own.
_USUAL: Final[Mapping[str, str]] = {
    "cleanup.policy": "delete",
    "retention.ms": str(7 * 24 * 60 * 60 * 1000),
    "segment.ms": str(7 * 24 * 60 * 60 * 1000),
    "max.compaction.lag.ms": str(2**63 - 1),
}
#: Nobody plans in centuries: Kafka writes so that there is no bound.
_NO_BOUND: Final = timedelta(days=36_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptInTopic:
    """What one topic holds of somebody erased. `until` says when it is gone, and what to do if never."""

    topic: str
    holds: str
    until: str


def kept_in_topics(settings: Mapping[str, Mapping[str, str]]) -> list[KeptInTopic]:
    """Return what each topic of the contract holds, by Kafka's settings of each."""
    return [
        KeptInTopic(topic=name, holds=_HOLDS[name], until=_until(settings.get(name, {})))
        for name in topics.TOPICS
    ]


def settings_as_made() -> dict[str, Mapping[str, str]]:
    """Return the settings with which `outreach topics create` makes the topics."""
    return {name: topic.config for name, topic in topics.TOPICS.items()}


def _until(settings: Mapping[str, str]) -> str:
    kept = {**_USUAL, **settings}
    if "compact" in kept["cleanup.policy"]:
        lag = _span(kept["max.compaction.lag.ms"])
        if lag is None:
            return "no bound is set: set max.compaction.lag.ms"
        return f"compaction, within {_days(lag)}"
    retention, segment = _span(kept["retention.ms"]), _span(kept["segment.ms"])
    if retention is None:
        return "for good: no retention.ms is set"
    # A segment is deleted whole, once the newest record in it is too old.
    longest = None if segment is None else retention + segment
    return "when its segment is full and old" if longest is None else f"{_days(longest)} at most"


def _span(milliseconds: str) -> timedelta | None:
    """Return a span that Kafka has in milliseconds, or None where it says that there is no bound."""
    count = int(milliseconds)
    if count < 0 or count > _NO_BOUND / timedelta(milliseconds=1):
        return None
    return timedelta(milliseconds=count)


def _days(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return "1 day" if days == 1 else f"{days:.0f} days" if days == int(days) else f"{days:.1f} days"
