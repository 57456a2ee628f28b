"""Records to read: the committed examples, and as many others as Hypothesis can think of."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st

from schemas.envelope import STRUCTURED, Event, parse
from schemas.generate import HERE, json_schema
from schemas.registry import EVENT_TYPES, EventType

EXAMPLES = HERE / "examples"
NOW = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
ALL = list(EVENT_TYPES.values())
HEADERS = (("content-type", STRUCTURED.encode()),)


def example(name: str) -> dict[str, Any]:
    """Return the valid example of an event, as an envelope."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def read(envelope: Mapping[str, Any], *, topic: str | None = None, now: datetime = NOW) -> Event:
    """Read an envelope in structured mode under its subject, on the topic of its type or another."""
    key = envelope.get("subject") or "person-1"
    topic = topic or EVENT_TYPES[envelope["type"]].topic
    return read_text(json.dumps(envelope).encode(), topic=topic, key=key, now=now)


def read_text(
    value: bytes | None, *, topic: str = "debts.v1", key: str = "person-1", now: datetime = NOW
) -> Event:
    return parse(topic=topic, key=key.encode(), value=value, headers=HEADERS, now=now)


@cache
def envelopes(event_type: EventType) -> st.SearchStrategy[dict[str, Any]]:
    """Return envelopes whose data is anything that the JSON Schema of the event allows."""
    schema = json_schema(event_type)
    return st.fixed_dictionaries(
        {
            "specversion": st.just("1.0"),
            "id": st.from_regex(r"\A[!-~]{1,40}\Z"),
            "source": st.from_regex(r"\A/[!-~]{0,40}\Z"),
            "type": st.just(event_type.name),
            "time": st.sampled_from(["2026-03-02T22:30:00Z", "2026-11-24T17:34:59.999999+01:00"]),
            "subject": st.just("person-1"),
            "data": _matching(schema, schema).map(lambda data: {**data, "person_id": "person-1"}),
        },
        optional={"sequence": st.integers(0, 10**18 - 1).map(str)},
    )


def _matching(part: Mapping[str, Any], whole: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in part:
        return _matching(whole["$defs"][part["$ref"].removeprefix("#/$defs/")], whole)
    if "anyOf" in part:
        return st.one_of([_matching(each, whole) for each in part["anyOf"]])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    match part["type"]:
        case "object":
            return _objects(part, whole)
        case "array":
            least = part.get("minItems", 0)
            return st.lists(_matching(part["items"], whole), min_size=least, max_size=least + 2)
        case "string":
            return _texts(part)
        case "integer":
            return st.integers(part.get("minimum", 0), part.get("maximum", 2**53))
        case "boolean":
            return st.booleans()
        case _:
            return st.none()


def _objects(part: Mapping[str, Any], whole: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {
        # The schema cannot say which zones there are.
        name: st.just(["America/Denver"]) if name == "zones" else _matching(each, whole)
        for name, each in part.get("properties", {}).items()
    }
    required = {name: fields.pop(name) for name in part.get("required", ())}
    return st.fixed_dictionaries(required, optional=fields)


def _texts(part: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if part.get("format") == "date":
        return st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
    if part.get("format") == "date-time":
        instants = st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31))  # noqa: DTZ001 - the offset follows
        offsets = st.sampled_from(["Z", "-05:00", "+05:45"])
        return st.builds(lambda at, offset: at.isoformat() + offset, instants, offsets)
    least, most = part.get("minLength", 0), min(part.get("maxLength", 40), 40)
    if "pattern" not in part:
        return st.text(min_size=least, max_size=most)
    pattern = part["pattern"].removeprefix("^").removesuffix("$")
    return st.from_regex(rf"\A{pattern}\Z").filter(lambda text: least <= len(text) <= most)
