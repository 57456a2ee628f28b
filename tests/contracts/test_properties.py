"""What holds for every record, not only for those somebody thought of."""

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from schemas.envelope import Event, Malformed, parse, render, render_binary
from schemas.registry import EVENT_TYPES, EventType
from schemas.strict_json import Ambiguous, refuse_ambiguous
from tests.contracts.samples import ALL, HEADERS, NOW, envelopes, read
from tests.contracts.samples import example as the_example

SLOW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("event_type", ALL, ids=[each.name for each in ALL])
@SLOW
@given(data=st.data())
def test_an_event_that_is_written_and_read_is_the_same_event(
    event_type: EventType, data: st.DataObject
) -> None:
    try:
        event = read(data.draw(envelopes(event_type)))
    except Malformed:
        reject()  # a schema cannot say everything: a plan's numbers are unique, an amount is above zero

    for write in (render, render_binary):
        key, value, headers = write(event)
        again = parse(topic=event_type.topic, key=key, value=value, headers=headers, now=NOW)

        assert again.data == event.data
        assert again.data.model_fields_set == event.data.model_fields_set
        assert _attributes(again) == _attributes(event)


def _attributes(event: Event) -> tuple[Any, ...]:
    return (event.id, event.source, event.type, event.time, event.person_id, event.sequence)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    value=st.none() | st.binary(max_size=200) | ANY_JSON.map(lambda each: json.dumps(each).encode()),
    key=st.none() | st.binary(max_size=12),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["content-type", "ce_specversion", "ce_id", "ce_type", "ce_source", "x"])
            | st.text(),
            st.none()
            | st.sampled_from([b"1.0", b"debt.placed.v1", b"application/json"])
            | st.binary(max_size=12),
        ),
        max_size=8,
    ),
    topic=st.sampled_from(sorted({each.topic for each in ALL})),
)
def test_whatever_comes_is_read_or_refused(
    value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes | None]], topic: str
) -> None:
    with contextlib.suppress(Malformed):
        parse(topic=topic, key=key, value=value, headers=headers, now=NOW)


@settings(max_examples=400, deadline=None)
@given(event_type=st.sampled_from(ALL), data=st.data(), junk=ANY_JSON)
def test_an_example_with_anything_at_all_in_one_place_is_read_or_refused(
    event_type: EventType, data: st.DataObject, junk: Any
) -> None:
    envelope = the_example(event_type.name)
    holder = data.draw(st.sampled_from(_objects(envelope)))
    holder[data.draw(st.sampled_from(sorted(holder)))] = junk

    with contextlib.suppress(Malformed):
        parse(
            topic=event_type.topic,
            key=b"person-1",
            value=json.dumps(envelope).encode(),
            headers=HEADERS,
            now=NOW,
        )


@settings(max_examples=300, deadline=None)
@given(event_type=st.sampled_from(ALL), at=st.integers(0, 3000), byte=st.binary(max_size=3))
def test_an_example_with_some_bytes_changed_is_read_or_refused(
    event_type: EventType, at: int, byte: bytes
) -> None:
    text = json.dumps(the_example(event_type.name)).encode()
    place = at % len(text)

    with contextlib.suppress(Malformed):
        parse(
            topic=event_type.topic,
            key=b"person-1",
            value=text[:place] + byte + text[place + 1 :],
            headers=HEADERS,
            now=NOW,
        )


def _objects(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node] + [each for part in node.values() for each in _objects(part)]
    return [each for part in node for each in _objects(part)] if isinstance(node, list) else []


SPACE = st.sampled_from(["", " ", "\n", "\t", "\r\n"])
NAMES = st.sampled_from(['"a"', '"b"', '"\\":"', '":"', '"c:"', '"\\\\"', '"a\\""'])


@given(pairs=st.lists(st.tuples(NAMES, SPACE, NAMES | st.just('{"a":1}'), SPACE), max_size=5))
@example(pairs=[('"a"', " ", '":"', ""), ('"a"', "", '"b"', "")])
def test_a_repeated_name_is_always_noticed(pairs: list[tuple[str, str, str, str]]) -> None:
    text = "{" + ",".join(f"{name}{one}:{two}{value}" for name, one, value, two in pairs) + "}"
    kept = json.loads(text)
    distinct = len(kept) + sum(len(each) for each in kept.values() if isinstance(each, dict))

    try:
        refuse_ambiguous(text.encode(), names=distinct)
    except Ambiguous:
        assert len(kept) < len(pairs)
    else:
        assert len(kept) == len(pairs)


def test_every_type_has_the_version_in_its_name() -> None:
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+\.v[1-9]", each) for each in EVENT_TYPES)
