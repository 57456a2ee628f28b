"""How long topics still hold what was published of somebody erased follows from their settings."""

import pytest

from preferences.model.kept_in_topics import kept_in_topics, settings_as_made
from schemas import topics

DAY = 24 * 60 * 60 * 1000


def until(**settings: str) -> str:
    given = {topics.DEBTS: {name.replace("_", "."): value for name, value in settings.items()}}
    (debts,) = [one for one in kept_in_topics(given) if one.topic == topics.DEBTS]
    return debts.until


def test_every_topic_of_the_contract_is_named_as_it_is_made() -> None:
    made = {one.topic: one.until for one in kept_in_topics(settings_as_made())}

    assert made.keys() == topics.TOPICS.keys()
    assert made[topics.PEOPLE] == "compaction, within 7 days"
    # A segment of a week, whose newest record is as old as the retention when it goes.
    assert {made[name] for name in made.keys() - {topics.PEOPLE}} == {"37 days at most"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"retention_ms": str(DAY), "segment_ms": "0"}, "1 day at most"),
        ({"retention_ms": str(2 * DAY), "segment_ms": str(DAY // 2)}, "2.5 days at most"),
        ({"retention_ms": "-1"}, "for good: no retention.ms is set"),
        ({"cleanup_policy": "compact"}, "no bound is set: set max.compaction.lag.ms"),
        (
            {"cleanup_policy": "compact,delete", "max_compaction_lag_ms": str(3 * DAY)},
            "compaction, within 3 days",
        ),
        ({}, "14 days at most"),
    ],
)
def test_what_a_cluster_has_set_is_said(settings: dict[str, str], says: str) -> None:
    assert until(**settings) == says
