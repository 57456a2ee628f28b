"""What outreach stands on: the topics that it reads, and those that preferences reads for it."""

from typing import Final

from foundation.offsets import ConsumedTopic
from schemas import topics


def _consumed(topic: str) -> ConsumedTopic:
    # A group for each topic, so that topics never rebalance each other.
    return ConsumedTopic(group=f"outreach.{topic}", topic=topic, partitions=topics.TOPICS[topic].partitions)


#: What outreach listens to. Everything about one person is keyed by the person.
CONSUMED: Final = tuple(
    _consumed(topic) for topic in (topics.PEOPLE, topics.DEBTS, topics.PAYMENTS, topics.CONTACTS)
)
#: As what it is noted until when preferences has told everything it read: one instant of each topic, so one
#: partition.
PREFERENCES_HEARD: Final = tuple(
    ConsumedTopic(group="preferences", topic=topic, partitions=1)
    for topic in (topics.PERSON_EVENTS, topics.REPLIES)
)
INPUTS: Final = (*CONSUMED, *PREFERENCES_HEARD)
