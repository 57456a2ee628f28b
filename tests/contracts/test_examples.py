"""The examples that publishers copy are what they are said to be."""

import json

import jsonschema_rs
import pytest

from schemas.envelope import Malformed
from schemas.generate import json_schema
from schemas.registry import EventType
from tests.contracts.samples import ALL, EXAMPLES, example, read

NAMES = [each.name for each in ALL]


@pytest.mark.parametrize("event_type", ALL, ids=NAMES)
def test_each_event_has_an_example_that_is_read(event_type: EventType) -> None:
    event = read(example(event_type.name))

    assert type(event.data) is event_type.model
    assert event.person_id == example(event_type.name)["subject"]


@pytest.mark.parametrize("event_type", ALL, ids=NAMES)
def test_each_example_satisfies_the_published_schema(event_type: EventType) -> None:
    validator = jsonschema_rs.validator_for(json_schema(event_type), validate_formats=True)

    assert list(validator.iter_errors(example(event_type.name)["data"])) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_event_has_a_broken_example_that_is_refused_for_its_reason(name: str) -> None:
    broken = json.loads((EXAMPLES / "broken" / f"{name}.json").read_text(encoding="utf-8"))

    with pytest.raises(Malformed) as refused:
        read(broken["event"], topic=next(each.topic for each in ALL if each.name == name))

    assert (refused.value.reason, refused.value.problem) == (broken["reason"], broken["problem"])


def test_no_example_is_left_over() -> None:
    shown = {each.name.removesuffix(".json") for each in EXAMPLES.glob("**/*.json")}

    assert shown == set(NAMES)


def test_the_broken_examples_show_different_mistakes() -> None:
    whys = [json.loads(each.read_text(encoding="utf-8"))["why"] for each in EXAMPLES.glob("broken/*.json")]

    assert len(set(whys)) == len(whys)
