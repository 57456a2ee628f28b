"""Where a database stands behind Kafka: read before, published before, forgotten by Kafka, made anew."""

from collections.abc import Mapping
from typing import Any

import pytest

from foundation.behind import DatabaseStand, KafkaStand, Reach, Topics, gaps_between
from foundation.clock import parse_instant
from foundation.offsets import ConsumedTopic

KEEPS_FROM = parse_instant("2026-02-01T12:00Z")
TOPICS = Topics(
    consumed=[
        ConsumedTopic(group="g", topic="in.v1", partitions=1),
        ConsumedTopic(group="g", topic="people.v1", partitions=1),
    ],
    own="g.own",
    published=["out.v1"],
    compacted=["people.v1"],
)
IN, OUT, PEOPLE = ("in.v1", 0), ("out.v1", 0), ("people.v1", 0)


def gaps(
    *,
    reach: Mapping[tuple[str, int], tuple[int, int]],
    committed: Mapping[tuple[str, int], int] | None = None,
    stored: Mapping[tuple[str, int], int] | None = None,
    published: Mapping[tuple[str, int], int] | None = None,
    publishers: tuple[str, ...] = (),
    ids: tuple[str, str] = ("same", "same"),
) -> list[tuple[Any, ...]]:
    stand = KafkaStand(
        reach={
            partition: Reach(begins=begins, ends=ends, keeps_from=KEEPS_FROM)
            for partition, (begins, ends) in reach.items()
        },
        committed={"g": committed or {}},
        topic_ids={"in.v1": ids[1], "out.v1": ids[1]},
    )
    known = DatabaseStand(
        stored={"g": stored or {}},
        published=published or {},
        publishers=publishers,
        topic_ids={"in.v1": ids[0], "out.v1": ids[0]},
    )
    return [
        (gap.group, gap.topic, gap.cause, gap.stands, gap.committed, gap.lost)
        for gap in gaps_between(TOPICS, stand=stand, known=known)
    ]


@pytest.mark.parametrize(
    ("stored", "committed"),
    [({IN: 5}, {IN: 5}), ({IN: 6}, {IN: 5}), ({}, {}), ({IN: 7}, {})],
    ids=["up to date", "not committed yet", "never read", "read to the end, committed never"],
)
def test_a_database_that_knows_as_much_lacks_nothing(
    stored: Mapping[tuple[str, int], int], committed: Mapping[tuple[str, int], int]
) -> None:
    assert gaps(reach={IN: (0, 7)}, stored=stored, committed=committed) == []


def test_a_restored_one_lacks_what_was_committed_since() -> None:
    assert gaps(reach={IN: (0, 7)}, stored={IN: 2}, committed={IN: 5}) == [("g", "in.v1", "behind", 2, 5, 0)]


def test_one_that_knows_nothing_lacks_all_that_was_committed() -> None:
    assert gaps(reach={IN: (0, 7)}, committed={IN: 5}) == [("g", "in.v1", "behind", 0, 5, 0)]


def test_what_the_topic_keeps_no_longer_is_lost() -> None:
    assert gaps(reach={IN: (4, 7)}, stored={IN: 2}, committed={IN: 5}) == [("g", "in.v1", "behind", 2, 5, 2)]
    # Nothing of it is kept: all that is lost, and no more than was read.
    assert gaps(reach={IN: (7, 7)}, stored={IN: 2}, committed={IN: 5}) == [("g", "in.v1", "behind", 2, 5, 3)]


def test_compaction_loses_nothing() -> None:
    assert gaps(reach={PEOPLE: (4, 7)}, committed={PEOPLE: 7}) == [("g", "people.v1", "behind", 0, 7, 0)]


def test_offsets_that_kafka_forgot_are_noticed() -> None:
    assert gaps(reach={IN: (0, 7)}, stored={IN: 5}) == [("g", "in.v1", "forgotten", 5, 7, 0)]


@pytest.mark.parametrize("committed", [{}, {IN: 9}], ids=["forgotten with the topic", "still remembered"])
def test_a_topic_that_ends_before_where_we_were_was_made_anew(
    committed: Mapping[tuple[str, int], int],
) -> None:
    found = gaps(reach={IN: (0, 3)}, stored={IN: 9}, committed=committed)

    assert found == [("g", "in.v1", "recreated", 0, 3, 0)]


def test_a_topic_of_another_id_was_made_anew_however_far_it_reaches() -> None:
    found = gaps(reach={IN: (0, 30)}, stored={IN: 9}, committed={}, ids=("old", "new"))

    assert found == [("g", "in.v1", "recreated", 0, 30, 0)]


def test_what_was_published_beyond_what_is_known_is_its_own_past() -> None:
    assert gaps(reach={OUT: (0, 7)}, published={OUT: 7}) == []
    assert gaps(reach={OUT: (0, 7)}, published={OUT: 4}) == [("g.own", "out.v1", "own_past", 4, 7, 0)]
    assert gaps(reach={OUT: (5, 7)}, published={OUT: 4}) == [("g.own", "out.v1", "own_past", 4, 7, 1)]


def test_a_lost_database_lacks_all_of_its_past_and_knows_how_much_is_lost() -> None:
    assert gaps(reach={OUT: (3, 7)}) == [("g.own", "out.v1", "own_past", 0, 7, 3)]


def test_after_an_upgrade_all_that_is_kept_is_looked_at_and_nothing_is_said_to_be_lost() -> None:
    found = gaps(reach={OUT: (3, 7)}, publishers=("out.v1",))

    assert found == [("g.own", "out.v1", "own_past", 3, 7, 0)]


def test_of_an_own_topic_made_anew_all_is_looked_at() -> None:
    found = gaps(reach={OUT: (0, 7)}, published={OUT: 7}, ids=("old", "new"))

    assert found == [("g.own", "out.v1", "own_past", 0, 7, 0)]


def test_what_was_read_or_published_since_kafka_was_asked_is_no_topic_made_anew() -> None:
    stand = KafkaStand(
        reach={
            IN: Reach(begins=0, ends=7, keeps_from=None),
            OUT: Reach(begins=0, ends=7, keeps_from=None),
        },
        committed={"g": {IN: 7}},
        topic_ids={},
        later={IN: 9, OUT: 9},
    )
    known = DatabaseStand(stored={"g": {IN: 9}}, published={OUT: 9}, publishers=["out.v1"], topic_ids={})

    assert list(gaps_between(TOPICS, stand=stand, known=known)) == []
