"""The topics: their names, how many partitions, and the settings they are created with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

DEBTS: Final = "debts.v1"
PAYMENTS: Final = "payments.v1"
PERSON_EVENTS: Final = "person-events.v1"
CONTACTS: Final = "contacts.v1"
PEOPLE: Final = "people.v1"
TOUCHES: Final = "outreach.touches.v1"
REPLIES: Final = "outreach.replies.v1"
QUARANTINE: Final = "outreach.quarantine.v1"

_MONTH_MS = str(30 * 24 * 60 * 60 * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as `make up` and `topics create` make it; `config` are Kafka's own setting names."""

    name: str
    title: str
    partitions: int = 12
    config: Mapping[str, str] = field(default_factory=lambda: {"retention.ms": _MONTH_MS})


#: Every topic of the contract. All hold records keyed by person_id, so a person's events stay in order.
TOPICS: Final[Mapping[str, Topic]] = {
    topic.name: topic
    for topic in (
        Topic(name=DEBTS, title="What happens to debts"),
        Topic(name=PAYMENTS, title="Payments, plans and promises"),
        Topic(name=PERSON_EVENTS, title="What changes about people, heard by preferences"),
        Topic(name=CONTACTS, title="Contacts made by other systems"),
        Topic(
            name=PEOPLE,
            title="The whole current snapshot of each person, written by preferences",
            # The last snapshot of each person is kept for good: a new reader starts from nothing.
            # What came before is gone within a week, though little is written: it may be of somebody erased.
            config={
                "cleanup.policy": "compact",
                "min.cleanable.dirty.ratio": "0.1",
                "max.compaction.lag.ms": str(7 * 24 * 60 * 60 * 1000),
            },
        ),
        Topic(name=TOUCHES, title="The life of each touch"),
        Topic(name=REPLIES, title="What people answered, and what it closed"),
        Topic(
            name=QUARANTINE,
            title="Records that could not be read, and events that contradict the rest",
            partitions=1,
        ),
    )
}
