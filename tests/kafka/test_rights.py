"""README lists the rights in Kafka that both services use, each of them and no other."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from foundation.kafka_rights import KafkaUse
from outreach.kafka.past import USE as OUTREACH
from preferences.kafka.past import USE as PREFERENCES
from schemas.topics import TOPICS
from tests.support.guarded_kafka import Right

README: Final = Path(__file__).resolve().parents[2] / "README.md"
USES: Final[Mapping[str, KafkaUse]] = {"outreach": OUTREACH, "preferences": PREFERENCES}


def listed_in_readme() -> list[Right]:
    """Return the rights that README lists for both services, as ACLs."""
    rights = []
    for user in USES:
        [row] = re.findall(rf"^\| {user} \|(.+)\|$", README.read_text(), re.MULTILINE)
        reads, writes, groups, creates = (re.findall(r"`([^`]+)`", cell) for cell in row.split("|"))
        assert not creates
        rights += [Right(user=user, operation="READ", resource="topic", name=name) for name in reads]
        rights += [Right(user=user, operation="WRITE", resource="topic", name=name) for name in writes]
        rights += [Right(user=user, operation="READ", resource="group", name=name) for name in groups]
    return rights


@pytest.mark.parametrize("user", USES)
def test_readme_lists_what_a_service_does_with_kafka_and_no_more(user: str) -> None:
    rights = [right for right in listed_in_readme() if right.user == user]
    use = USES[user]

    for operation, topics in (("READ", use.reads), ("WRITE", use.writes)):
        listed = [right.name for right in rights if (right.operation, right.resource) == (operation, "topic")]
        assert sorted(listed) == sorted(topics)
    [prefix] = [right.name for right in rights if right.resource == "group"]
    assert all(group.startswith(prefix) for group in use.groups)
    assert set(use.topics) <= set(TOPICS)
