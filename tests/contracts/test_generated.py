"""What is generated is what is committed, and what was released stays readable."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ruamel.yaml import YAML

from schemas.compatibility import breaking_changes, refusals
from schemas.generate import HERE, broken_since_release, generated, json_schema, released
from schemas.registry import EVENT_TYPES
from schemas.topics import TOPICS

Schema = dict[str, Any]


def test_generated_files_are_the_committed_ones() -> None:
    stale = [
        path
        for path, text in generated().items()
        if not (HERE / path).is_file() or (HERE / path).read_text(encoding="utf-8") != text
    ]

    assert stale == [], "run python -m schemas.generate"


def test_no_generated_file_is_left_over() -> None:
    committed = {f"json/{each.name}" for each in (HERE / "json").iterdir()}

    assert committed == {path for path in generated() if path.startswith("json/")}


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = YAML(typ="safe").load((HERE / "asyncapi.yaml").read_text(encoding="utf-8"))

    dangling = [each for each in _references(document) if not _leads_somewhere(each, document)]

    assert dangling == []


def test_the_asyncapi_document_tells_of_every_topic_and_event() -> None:
    document = YAML(typ="safe").load((HERE / "asyncapi.yaml").read_text(encoding="utf-8"))

    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(TOPICS)
    told = {
        name: channel["address"] for channel in document["channels"].values() for name in channel["messages"]
    }
    assert told == {each.name: each.topic for each in EVENT_TYPES.values()}


def test_nothing_of_the_last_release_is_broken() -> None:
    assert broken_since_release() == []


def test_every_event_was_released() -> None:
    assert set(released()) <= set(EVENT_TYPES)


def _drop_required(schema: Schema) -> None:
    schema["required"].remove("reason")


def _demand_more(schema: Schema) -> None:
    schema["required"].append("person_id")


def _forget_a_field(schema: Schema) -> None:
    del schema["properties"]["reason"]
    schema["required"].remove("reason")


def _know_fewer_values(schema: Schema) -> None:
    schema["properties"]["reason"]["enum"].remove("recalled")


def _know_more_values(schema: Schema) -> None:
    schema["properties"]["reason"]["enum"].append("sold")


def _read_shorter_ids(schema: Schema) -> None:
    schema["properties"]["debt_id"]["maxLength"] = 50


def _read_numbers(schema: Schema) -> None:
    schema["properties"]["debt_id"]["type"] = "integer"


def _read_another_pattern(schema: Schema) -> None:
    schema["properties"]["debt_id"]["pattern"] = "^[0-9]+$"


def _refuse_null(schema: Schema) -> None:
    schema["properties"]["person_id"] = {"type": "string"}


BREAKS_WRITERS = [
    _demand_more,
    _forget_a_field,
    _know_fewer_values,
    _read_shorter_ids,
    _read_numbers,
    _read_another_pattern,
    _refuse_null,
]


@pytest.mark.parametrize("change", BREAKS_WRITERS, ids=lambda each: each.__name__.strip("_"))
def test_a_change_that_would_refuse_what_is_written_today_is_found(change: Callable[[Schema], None]) -> None:
    old = json_schema(EVENT_TYPES["debt.closed.v1"])
    new = copy.deepcopy(old)
    change(new)

    assert len(breaking_changes("debt.closed.v1", old=old, new=new, published=False)) == 1


@pytest.mark.parametrize("change", [_drop_required, _know_more_values])
def test_what_only_widens_an_event_we_hear_breaks_nobody(change: Callable[[Schema], None]) -> None:
    old = json_schema(EVENT_TYPES["debt.closed.v1"])
    new = copy.deepcopy(old)
    change(new)

    assert breaking_changes("debt.closed.v1", old=old, new=new, published=False) == []


@pytest.mark.parametrize("change", [_drop_required, _know_more_values])
def test_what_widens_an_event_we_publish_breaks_its_readers(change: Callable[[Schema], None]) -> None:
    old = json_schema(EVENT_TYPES["debt.closed.v1"])
    new = copy.deepcopy(old)
    change(new)

    assert len(breaking_changes("debt.closed.v1", old=old, new=new, published=True)) == 1


def test_a_new_field_of_a_published_event_breaks_nobody() -> None:
    old = json_schema(EVENT_TYPES["touch.planned.v1"])
    new = copy.deepcopy(old)
    new["properties"]["weather"] = {"type": "string"}

    assert breaking_changes("touch.planned.v1", old=old, new=new, published=True) == []


def test_an_event_may_not_vanish() -> None:
    assert breaking_changes("debt.sold.v1", old={}, new=None, published=False) != []


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_schema_reads_what_it_writes(name: str) -> None:
    schema = json_schema(EVENT_TYPES[name])

    assert refusals(reader=schema, writer=schema) == []


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for part in node.values() for each in _references(part)]
    return [each for part in node for each in _references(part)] if isinstance(node, list) else []


def _leads_somewhere(reference: str, document: Any) -> bool:
    if reference.startswith("./"):
        return (HERE / reference).is_file()
    for step in reference.removeprefix("#/").split("/"):
        if step not in document:
            return False
        document = document[step]
    return True
