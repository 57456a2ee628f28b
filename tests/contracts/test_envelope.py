"""Every way a record can be wrong has one reason, costs little, and tells nothing about anybody."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from schemas.envelope import LARGEST, Event, Headers, Malformed, admit, parse, render
from schemas.people import NumberChecked, PersonChanged
from schemas.registry import EVENT_TYPES
from tests.contracts.samples import HEADERS, NOW, example, read, read_text

PLACED = example("debt.placed.v1")
BINARY: dict[str, bytes | None] = {
    "content-type": b"application/json",
    "ce_specversion": b"1.0",
    "ce_id": b"example-1",
    "ce_source": b"/ledger",
    "ce_type": b"debt.placed.v1",
    "ce_time": b"2026-11-24T16:30:00Z",
    "ce_subject": b"person-1",
}


def text_of(**changes: Any) -> bytes:
    return json.dumps({**PLACED, **changes}).encode()


def read_binary(**changes: bytes | None) -> Event:
    headers = {**BINARY, **changes}
    return parse(
        topic="debts.v1",
        key=b"person-1",
        value=json.dumps(PLACED["data"]).encode(),
        headers=tuple(headers.items()),
        now=NOW,
    )


def reason_of(reading: Callable[[], object]) -> str:
    with pytest.raises(Malformed) as refused:
        reading()
    return refused.value.reason


def test_binary_and_structured_mode_say_the_same() -> None:
    structured = read(PLACED)

    binary = read_binary()

    assert binary.data == structured.data
    assert (binary.id, binary.source, binary.type, binary.time, binary.person_id) == (
        structured.id,
        structured.source,
        structured.type,
        structured.time,
        structured.person_id,
    )


def test_a_structured_event_needs_no_headers() -> None:
    event = parse(topic="debts.v1", key=b"person-1", value=text_of(), headers=(), now=NOW)

    assert event.id == PLACED["id"]


def test_the_time_is_told_in_utc() -> None:
    event = read({**PLACED, "time": "2026-11-24T09:30:00-07:00"})

    assert event.time == NOW
    assert event.time.tzinfo is UTC


def test_a_publisher_may_add_attributes_to_the_envelope() -> None:
    assert read({**PLACED, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-00"}).id == PLACED["id"]


def test_what_was_left_out_is_told_from_what_was_cleared() -> None:
    cleared = read({**example("person.changed.v1"), "data": {"language": None}}).data

    assert isinstance(cleared, PersonChanged)
    assert cleared.model_fields_set == {"language"}


PAST = {
    "consent.granted.v1": "at",
    "number.checked.v1": "at",
    "contact.recorded.v1": "at",
    "debt.placed.v1": "balance_as_of",
    "debt.updated.v1": "balance_as_of",
    "reply.received.v1": "received_at",
    "suppression.recorded.v1": "at",
    "suppression.lifted.v1": "at",
}


def told_at(name: str, at: datetime) -> dict[str, Any]:
    said = example(name)
    return {**said, "data": {**said["data"], PAST[name]: at.isoformat()}}


@pytest.mark.parametrize("name", PAST)
def test_what_happened_is_never_later_than_its_hearing(name: str) -> None:
    ahead = read(told_at(name, NOW + timedelta(minutes=5)))
    too_far = told_at(name, NOW + timedelta(minutes=5, seconds=1))

    assert getattr(ahead.data, PAST[name]) == NOW
    assert reason_of(lambda: read(too_far)) == "future_time"


@pytest.mark.parametrize("name", PAST)
def test_an_event_from_a_clock_that_is_ahead_says_the_same_whenever_it_is_heard(name: str) -> None:
    told = told_at(name, NOW + timedelta(minutes=3)) | {"time": (NOW + timedelta(minutes=3)).isoformat()}
    digests = {read(told, now=NOW + timedelta(minutes=later)).digest for later in (0, 1, 60)}

    assert len(digests) == 1


@pytest.mark.parametrize(
    ("day", "accepted"), [("2026-11-24", True), ("2026-11-25", True), ("2026-11-26", False)]
)
def test_a_notice_was_posted_on_a_day_that_has_come_somewhere(day: str, accepted: bool) -> None:
    # At 16:30 in London the 25th has come to Kiritimati.
    said = example("notice.posted.v1")
    told = {**said, "data": {**said["data"], "on": day}}

    if accepted:
        assert read(told).id == said["id"]
    else:
        assert reason_of(lambda: read(told)) == "future_time"


def test_a_hold_may_begin_in_the_future() -> None:
    said = example("hold.placed.v1")
    data = {"hold_id": "h1", "kind": "pause", "since": "2027-03-01T00:00:00Z"}

    assert read({**said, "data": data}).data.since == datetime(2027, 3, 1, tzinfo=UTC)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("ahead", "accepted"),
    [(timedelta(minutes=5), True), (timedelta(minutes=5, microseconds=1), False)],
    ids=["five minutes ahead", "a moment more"],
)
def test_a_clock_may_be_five_minutes_fast(ahead: timedelta, accepted: bool) -> None:
    value = text_of(time=(NOW + ahead).isoformat())

    if accepted:
        assert read_text(value).time == NOW
    else:
        assert reason_of(lambda: read_text(value)) == "future_time"


BAD_VALUES: dict[str, tuple[bytes | None, str | None]] = {
    "no value": (None, "empty"),
    "an empty value": (b"", "empty"),
    "not JSON": (b"not json", "not_json"),
    "half of a JSON": (text_of()[:-20], "not_json"),
    "two JSON values": (text_of() + b"{}", "not_json"),
    "not UTF-8": (text_of().replace(b"Northwind", b"North\xffwind"), "not_json"),
    "UTF-16": (text_of().decode().encode("utf-16"), "not_json"),
    "a list": (b"[" + text_of() + b"]", "wrong_schema"),
    "a number": (b"7", "wrong_schema"),
    "null": (b"null", "wrong_schema"),
    "NaN": (text_of().replace(b'"412.50"', b"NaN"), "not_json"),
    "Infinity in an attribute": (text_of().replace(b"{", b'{"weight": Infinity,', 1), "not_json"),
    "half of a surrogate pair": (text_of().replace(b"Northwind", b"North\\ud800wind"), "not_json"),
    "half of a pair in an attribute": (text_of().replace(b"{", b'{"note": "\\ud800",', 1), "not_json"),
    "a NUL": (text_of().replace(b"Northwind", b"North\\u0000wind"), "wrong_schema"),
    "lists a million deep": (b"[" * 1_000_000, "wrong_schema"),
    "an attribute a million deep": (b'{"a":' + b"[" * 900_000, "not_json"),
    "data 400,000 deep": (b'{"specversion":"1.0","data":' + b'{"a":' * 180_000, "not_json"),
    "a field named twice": (
        text_of().replace(b'"debt_id"', b'"debt_id": "other", "debt_id"'),
        "not_json",
    ),
    "a type named twice": (text_of().replace(b'"id"', b'"type": "debt.closed.v1", "id"'), "not_json"),
    "an amount named twice": (
        text_of().replace(b'"currency"', b'"amount": "1.00", "currency"', 1),
        "not_json",
    ),
    "a name twice, spaced to hide": (
        text_of(note='":').replace(b'"debt_id":', b'"debt_id" : "other", "debt_id":'),
        "not_json",
    ),
    "more than a megabyte": (text_of(padding="x" * LARGEST), "too_large"),
    "another generation of CloudEvents": (text_of(specversion="0.3"), "wrong_schema"),
    "data that is not JSON": (text_of(datacontenttype="application/avro"), "wrong_schema"),
    "data in base64": (
        json.dumps({**PLACED, "data": None, "data_base64": "e30="}).encode(),
        "wrong_schema",
    ),
    "a time without offset": (text_of(time="2026-11-24T16:30:00"), "wrong_schema"),
    "a time out of all reach": (text_of(time="0001-01-01T00:00:00+14:00"), "wrong_schema"),
    "a time that is a number": (text_of(time=1764000000), "wrong_schema"),
    "a later version": (text_of(type="debt.placed.v2"), "future_version"),
    "an unknown type": (text_of(type="debt.sold.v1"), "unknown_type"),
    "a version before the first": (text_of(type="debt.placed.v0"), "unknown_type"),
    "an event of another topic": (
        json.dumps(example("payment.received.v1")).encode(),
        "wrong_topic",
    ),
    "a number of five thousand digits, not ours": (
        text_of(weight=0).replace(b'"weight": 0', b'"weight": ' + b"9" * 5000),
        None,
    ),
}


@pytest.mark.parametrize(("value", "reason"), BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_bad_value_is_refused_for_its_reason(value: bytes | None, reason: str | None) -> None:
    if reason is None:
        assert read_text(value).id == PLACED["id"]
    else:
        assert reason_of(lambda: read_text(value)) == reason


@pytest.mark.parametrize(
    ("key", "subject", "reason"),
    [
        (None, "person-1", "wrong_key"),
        (b"", "person-1", "wrong_key"),
        (b"person-2", "person-1", "wrong_key"),
        (b"\xff\xfe", "person-1", "wrong_key"),
        (b"person-1", None, "wrong_schema"),
        (b"", "", "wrong_schema"),
        (b"person 1", "person 1", "wrong_schema"),
    ],
    ids=["none", "empty", "another person", "not UTF-8", "no subject", "nobody", "a space"],
)
def test_the_key_must_be_the_person(key: bytes | None, subject: str | None, reason: str) -> None:
    value = text_of(subject=subject)

    assert (
        reason_of(lambda: parse(topic="debts.v1", key=key, value=value, headers=HEADERS, now=NOW)) == reason
    )


def test_data_may_not_be_about_somebody_else() -> None:
    data = {**PLACED["data"], "person_id": "person-2"}

    assert reason_of(lambda: read({**PLACED, "data": data})) == "wrong_key"


@pytest.mark.parametrize(
    "headers",
    [
        (("content-type", b"\xff"),),
        (("content-type", None),),
        (("content-type", b"application/cloudevents-batch+json"),),
        (("ce_id", b"1"),),
        (("content-type", b"application/json"), ("ce_specversion", b"1.0")),
        (*BINARY.items(), ("ce_id", b"another")),
        tuple({**BINARY, "ce_type": None}.items()),
        tuple({**BINARY, "ce_specversion": b"0.3"}.items()),
        tuple({**BINARY, "content-type": b"application/avro"}.items()),
        tuple((f"x-{number}", b"") for number in range(101)),
    ],
    ids=[
        "not UTF-8",
        "a null content type",
        "a batch of events",
        "an id without a generation",
        "nothing but a generation",
        "an id twice",
        "a null type",
        "another generation",
        "data in another format",
        "more than a hundred",
    ],
)
def test_bad_headers_are_refused(headers: Headers) -> None:
    value = text_of()

    assert (
        reason_of(lambda: parse(topic="debts.v1", key=b"person-1", value=value, headers=headers, now=NOW))
        == "bad_headers"
    )


@pytest.mark.parametrize("value", [None, b"\xc3\x28", b"\x00" * 100], ids=["null", "not UTF-8", "zeros"])
def test_a_header_that_is_not_ours_may_hold_whatever_its_agent_likes(value: bytes | None) -> None:
    headers = (*HEADERS, ("x-trace", value), ("x-trace", value))

    assert (
        parse(topic="debts.v1", key=b"person-1", value=text_of(), headers=headers, now=NOW).id == PLACED["id"]
    )


def test_a_field_of_ours_misspelt_is_refused_but_one_added_by_a_newer_release_is_passed_over() -> None:
    misspelt = {**PLACED, "data": {**PLACED["data"], "balence": {}}}
    snapshot = example("person.snapshot.v1")
    newer = {**snapshot, "data": {**snapshot["data"], "mood": {"today": 1.5}}}

    assert reason_of(lambda: read(misspelt)) == "wrong_schema"
    assert read(newer).data == read(snapshot).data


@pytest.mark.parametrize("name", ["person.changed.v1", "consent.granted.v1", "number.checked.v1"])
def test_a_refusal_repeats_nothing_about_the_person(name: str) -> None:
    envelope = example(name)
    secret = "ada.secret@example.com"
    spoilt = [
        {**envelope, "data": {**envelope["data"], field: value}}
        for field in [*envelope["data"], secret, "address[" + secret]
        for value in (secret, [secret], {secret: secret}, 13035550199)
    ]

    refusals = []
    for each in spoilt:
        try:
            read(each)
        except Malformed as refused:
            refusals.append(refused)

    assert len(refusals) > len(envelope["data"])
    assert not [each for each in refusals if "secret" in str(each) or "0199" in str(each)]


def test_instants_come_in_utc_and_dates_stay_dates() -> None:
    envelope = example("hold.placed.v1")
    data = {**envelope["data"], "since": "2026-11-21T00:00:00-07:00", "until": "2026-12-21", "days": None}

    hold = read({**envelope, "data": data}).data

    assert hold.model_dump()["since"] == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert hold.model_dump_json(include={"until"}) == '{"until":"2026-12-21"}'


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-24T16:30:00.123456789Z",
        "2026-11-24T16:30:00z",
        "2026-11-24T18:30:00+02:00",
        "2026-11-24T16:30Z",
    ],
)
def test_instants_are_read_as_other_languages_write_them(time: str) -> None:
    assert read({**PLACED, "time": time}).time.replace(microsecond=0) == NOW


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_content_type_may_say_how_its_text_is_written(kind: str) -> None:
    assert read({**PLACED, "datacontenttype": kind}).id == PLACED["id"]
    assert read_binary(**{"content-type": kind.encode()}).id == PLACED["id"]
    structured = (("Content-Type", b"application/cloudevents+json; charset=UTF-8"),)
    event = parse(topic="debts.v1", key=b"person-1", value=text_of(), headers=structured, now=NOW)
    assert event.id == PLACED["id"]


def test_a_name_twice_is_refused_in_binary_mode_too() -> None:
    value = json.dumps(PLACED["data"]).replace('"debt_id"', '"debt_id": "other", "debt_id"').encode()

    refused = reason_of(
        lambda: parse(topic="debts.v1", key=b"person-1", value=value, headers=tuple(BINARY.items()), now=NOW)
    )

    assert refused == "not_json"


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=4)], ids=["then", "a clock ahead"])
def test_what_is_put_together_here_is_admitted_as_if_it_had_been_published(
    event_type: str, ahead: timedelta
) -> None:
    now = NOW + timedelta(days=1)
    event = msgspec.structs.replace(
        parse_published(read(example(event_type)), now=now), time=now + ahead, raw=b""
    )

    admitted = admit(event, now=now)

    published = parse_published(event, now=now)
    assert msgspec.structs.replace(published, raw=b"") == admitted
    assert published.digest == admitted.digest


def parse_published(event: Event, *, now: datetime) -> Event:
    key, value, headers = render(event)
    return parse(topic=EVENT_TYPES[event.type].topic, key=key, value=value, headers=headers, now=now)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "a b"},
        {"id": ""},
        {"id": "a\u200bb"},
        {"source": "x" * 201},
        {"person_id": "a b"},
        {"person_id": "a\u202eb"},
        {"person_id": ""},
        {"time": NOW + timedelta(minutes=6)},
        {"time": datetime(1899, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_may_not_be_published_may_not_be_admitted(changes: dict[str, Any]) -> None:
    event = msgspec.structs.replace(read(example("person.changed.v1")), **changes)

    assert reason_of(lambda: admit(event, now=NOW)) == reason_of(lambda: parse_published(event, now=NOW))


def test_what_has_not_happened_yet_is_not_admitted() -> None:
    data = NumberChecked(number="+13035550123", result="reassigned", at=NOW + timedelta(minutes=6))
    event = msgspec.structs.replace(read(example("number.checked.v1")), data=data)

    assert reason_of(lambda: admit(event, now=NOW)) == "future_time"


def test_what_names_another_person_is_not_admitted() -> None:
    event = msgspec.structs.replace(read(example("reply.received.v1")), person_id="person-2")

    assert reason_of(lambda: admit(event, now=NOW)) == "wrong_key"
