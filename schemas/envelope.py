"""CloudEvents 1.0 on Kafka, structured or binary: from a record to an event, and back.

`parse` costs some microseconds, reads no more than it must before it refuses, and never repeats a
value of the record in what it says about it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from schemas.problems import describe
from schemas.registry import EVENT_TYPES, NEVER_CLOSE, EventType
from schemas.strict_json import Ambiguous, refuse_ambiguous
from schemas.values import EARLIEST, LATEST, EventData, count_names, is_seen_whole
from schemas.vocabulary import MalformedReason

Headers = Sequence[tuple[str, bytes | None]]

STRUCTURED: Final = "application/cloudevents+json"
JSON: Final = "application/json"
LARGEST: Final = 1_000_000
MOST_HEADERS: Final = 100
AHEAD: Final = timedelta(minutes=5)
#: Where each day begins first: the Line Islands.
_LATEST_ZONE: Final = timezone(timedelta(hours=14))
#: Why an event is kept aside whose id was another's: readers alone can know it, so `parse` never says it.
CHANGED_CONTENT: Final = "changed_content"

_VERSIONED = re.compile(r"([a-z_]+\.[a-z_]+)\.v([1-9][0-9]{0,3})").fullmatch
_NAMEABLE = re.compile(r"[^\x00-\x20\x7f]{1,200}").fullmatch
_NAMEABLE_TWICE = re.compile(r"[^\x00-\x20\x7f]{1,200} [^\x00-\x20\x7f]{1,200}").fullmatch
_A_NUMBER = re.compile(r"[0-9]{1,18}").fullmatch
_VERSION: Final = {name.rpartition(".v")[0]: int(name.rpartition(".v")[2]) for name in EVENT_TYPES}


class Malformed(Exception):
    """A record that is no event of the contract and never will be as it stands.

    `problem` names the place and what to do about it, for the publisher to read; it holds nothing
    of what the record says about a person.
    """

    def __init__(self, reason: MalformedReason, problem: str) -> None:
        super().__init__(f"{reason}: {problem}")
        self.reason: MalformedReason = reason
        self.problem = problem


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What another system says happened to a person.

    (`source`, `id`) names the event, however often it is heard; `time` is when it happened, in
    UTC, and never after it was read. `sequence` numbers the events of one person without gaps where
    the source does so. `raw` is the record's value as it came.
    """

    id: str
    source: str
    type: str
    time: datetime
    person_id: str
    data: EventData
    sequence: int | None = None
    raw: bytes = b""
    #: Digest of what it says with its instants as stated; empty where nothing was cut.
    stated: bytes = b""

    @property
    def subject(self) -> str:
        """The person, as CloudEvents calls it."""
        return self.person_id

    @property
    def digest(self) -> bytes:
        """A digest of what the event says, the same in either mode and whenever it is heard."""
        if self.stated:
            return self.stated
        said = f"{self.type}\n{self.person_id}\n{_write_time(self.time)}\n".encode()
        return sha256(said + _write_data(self.data)).digest()


class _Envelope(msgspec.Struct):
    """The attributes that are read; CloudEvents lets a publisher add others."""

    specversion: str
    id: str
    source: str
    type: str
    time: str | None = None
    subject: str | None = None
    datacontenttype: str | None = None
    sequence: str | int | None = None
    data: msgspec.Raw = msgspec.Raw()

    @property
    def names(self) -> int:
        """How many attributes the value spells out: none in binary mode, where headers do."""
        if not self.data:
            return 0
        optional = (self.time, self.subject, self.datacontenttype, self.sequence)
        return 9 - optional.count(None)


_decode = msgspec.json.Decoder(_Envelope).decode
_NO_PERSON: Final = (
    "wrong_schema",
    "subject must be the person's id: 1 to 200 printable characters, no spaces",
)
_OF_ANOTHER: Final = (
    "wrong_key",
    "data.person_id is not the record's key; make them the same person",
)


def parse(*, topic: str, key: bytes | None, value: bytes | None, headers: Headers, now: datetime) -> Event:
    """Read one Kafka record as an event about the person who is its key.

    Raises:
        Malformed: the record can never be read as it is; keep it aside and go on.
    """
    if not value:
        raise Malformed("empty", "the record has no value; send a CloudEvent as JSON")
    if len(value) > LARGEST:
        raise Malformed("too_large", f"the value has more than {LARGEST:,} bytes")
    attributes = _read_headers(headers)
    if _is_binary(attributes):
        envelope, data = _read_binary(attributes), value
    else:
        envelope, data = _read_structured(value)
    event_type = _known_type(envelope.type, topic=topic)
    time = _read_time(envelope.time, now=now)
    person_id = _read_person(key, subject=envelope.subject)
    _check_names(envelope)
    body = _read_data(data, event_type)
    _check_unambiguous(value, names=count_names(body) + envelope.names)
    if body.person_id is not None and body.person_id != person_id:
        raise Malformed(*_OF_ANOTHER)
    event = Event(
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        time=time,
        person_id=person_id,
        data=body,
        sequence=_read_sequence(envelope.sequence),
        raw=value,
    )
    return _as_heard(event, now=now)


def admit(event: Event, *, now: datetime) -> Event:
    """Return an event that was put together here of checked data, as `parse` reads it from its topic.

    What a publisher may not say, a file may not either: names, instants and whose it is are checked alike.

    Raises:
        Malformed: it can never be taken as it is.
    """
    time = _within_reach(event.time, now=now)
    if not is_name(event.person_id):
        raise Malformed(*_NO_PERSON)
    _check_names(event)
    if event.data.person_id is not None and event.data.person_id != event.person_id:
        raise Malformed(*_OF_ANOTHER)
    return _as_heard(msgspec.structs.replace(event, time=time), now=now)


def _as_heard(event: Event, *, now: datetime) -> Event:
    """Return the event with nothing in it that happens after it is heard."""
    cut = _cut(event.data, now=now)
    if cut is event.data and event.time <= now:
        return event
    # A clock may be a little ahead of ours, but nothing happens after it is heard.
    return msgspec.structs.replace(event, time=min(event.time, now), data=cut, stated=event.digest)


def _read_headers(headers: Headers) -> dict[str, str]:
    """Return the headers that matter by lower-case name.

    A null value is legal in Kafka, but an attribute of the event has one. Headers that are not ours
    are not looked at.
    """
    if len(headers) > MOST_HEADERS:
        raise Malformed("bad_headers", f"the record has more than {MOST_HEADERS} headers")
    found: dict[str, str] = {}
    for raw_name, value in headers:
        name = raw_name.lower()
        if not name.startswith("ce_") and name != "content-type":
            # Monitoring agents add headers of their own, with whatever bytes they like.
            continue
        if value is None:
            raise Malformed("bad_headers", f"header {_safe(name)} is null; give it a value")
        if name in found:
            raise Malformed("bad_headers", f"header {_safe(name)} appears twice; send it once")
        try:
            found[name] = value.decode()
        except UnicodeDecodeError:
            raise Malformed("bad_headers", f"header {_safe(name)} is not UTF-8") from None
    return found


def _safe(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9_-]{1,40}", name) else "of an unreadable name"


def _is_binary(attributes: Mapping[str, str]) -> bool:
    """Tell the mode as the Kafka binding does: by content type, else by the presence of `ce_` headers."""
    kind = _kind(attributes.get("content-type", ""))
    if kind == STRUCTURED:
        return False
    if kind.startswith("application/cloudevents"):
        raise Malformed(
            "bad_headers", f"header content-type: only {STRUCTURED} is read, one event to a record"
        )
    if "ce_specversion" not in attributes:
        if len(attributes) > ("content-type" in attributes):
            raise Malformed("bad_headers", "header ce_specversion is missing; binary mode needs it")
        return False
    if kind not in ("", JSON):
        raise Malformed("bad_headers", f"header content-type: data must be {JSON}")
    return True


def _kind(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _read_binary(attributes: Mapping[str, str]) -> _Envelope:
    for name in ("ce_id", "ce_source", "ce_type"):
        if name not in attributes:
            raise Malformed("bad_headers", f"header {name} is missing")
    envelope = _Envelope(
        specversion=attributes["ce_specversion"],
        id=attributes["ce_id"],
        source=attributes["ce_source"],
        type=attributes["ce_type"],
        time=attributes.get("ce_time"),
        subject=attributes.get("ce_subject"),
        sequence=attributes.get("ce_sequence"),
    )
    if envelope.specversion != "1.0":
        raise Malformed("bad_headers", 'header ce_specversion must be "1.0"')
    return envelope


def _read_structured(value: bytes) -> tuple[_Envelope, bytes]:
    try:
        envelope = _decode(value)
    except msgspec.ValidationError as error:
        raise Malformed("wrong_schema", _about_envelope(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        raise Malformed("not_json", "the value is not JSON (RFC 8259, UTF-8, sanely nested)") from None
    if envelope.specversion != "1.0":
        raise Malformed("wrong_schema", 'specversion must be "1.0"')
    if _kind(envelope.datacontenttype or JSON) != JSON:
        raise Malformed("wrong_schema", f"datacontenttype must be {JSON} or left out")
    if not envelope.data:
        raise Malformed("wrong_schema", "data is missing")
    return envelope, bytes(envelope.data)


def _about_envelope(error: msgspec.ValidationError) -> str:
    # msgspec speaks of types and of our own field names, never of values.
    return f"the envelope: {error}"


def _known_type(name: str, *, topic: str) -> EventType:
    found = EVENT_TYPES.get(name)
    if found is None:
        versioned = _VERSIONED(name)
        if versioned and int(versioned[2]) > _VERSION.get(versioned[1], 10_000):
            raise Malformed(
                "future_version", f"type: this release reads {versioned[1]} up to v{_VERSION[versioned[1]]}"
            )
        raise Malformed("unknown_type", "type is not one of the contract; see schemas/asyncapi.yaml")
    if found.topic != topic:
        raise Malformed("wrong_topic", f"{name} belongs on {found.topic}")
    return found


def _read_time(text: str | None, *, now: datetime) -> datetime:
    try:
        # RFC 3339 lets T and Z be small; Python does not.
        time = datetime.fromisoformat((text or "").upper())
    except ValueError:
        time = None
    return _within_reach(time, now=now)


def _within_reach(time: datetime | None, *, now: datetime) -> datetime:
    """Return an instant in UTC that something may have happened at."""
    if time is None or time.tzinfo is None or not EARLIEST <= time.date() < LATEST:
        raise Malformed(
            "wrong_schema", "time must be an instant with its offset, such as 2026-03-02T22:30:00Z"
        )
    if time > now + AHEAD:
        raise Malformed("future_time", "time is more than five minutes ahead; check the publisher's clock")
    return time.astimezone(UTC)


def _cut(body: EventData, *, now: datetime) -> EventData:
    """Return the data with no instant of the past after its hearing; a day has come once it has somewhere."""
    cut: dict[str, datetime] = {}
    for name in body.past:
        edge = getattr(body, name)
        if isinstance(edge, datetime):
            if edge > now + AHEAD:
                raise Malformed("future_time", f"data.{name} is more than five minutes ahead")
            if edge > now:
                cut[name] = now
        elif edge is not None and edge > (now.astimezone(_LATEST_ZONE) + AHEAD).date():
            raise Malformed("future_time", f"data.{name} has not come yet anywhere on earth")
    return body.model_copy(update=cut) if cut else body


def _read_person(key: bytes | None, *, subject: str | None) -> str:
    if key is None:
        raise Malformed("wrong_key", "the record has no key; key it by the person")
    if not subject or not is_name(subject):
        raise Malformed(*_NO_PERSON)
    if key != subject.encode("utf-8", "surrogatepass"):
        raise Malformed("wrong_key", "the record's key is not its subject; both must be the person's id")
    return subject


def problem_of_changed_content(event: Event) -> str:
    """Say why an event is kept aside that comes under the id of another."""
    return f"id: {event.type} comes under the id of another event; give each event an id of its own"


def as_another(event: Event) -> Event:
    """Return the event under an id of its own content, for whoever decides that it counts nonetheless."""
    return msgspec.structs.replace(event, id=f"{event.id[:150]}#{event.digest.hex()[:32]}")


def may_close(event: Event) -> bool:
    """Tell whether the event may forbid what was allowed before it."""
    return event.type not in NEVER_CLOSE


def readable_person(key: bytes | None) -> str | None:
    """Return the person whom a record's key names, however bad the rest is; None where it names nobody.

    Ids that no event may have any more are names here too: whoever has one from before waits.
    """
    text = (key or b"").decode("utf-8", "replace")
    return text if _NAMEABLE(text) and "\ufffd" not in text else None


def _check_names(envelope: _Envelope | Event) -> None:
    both = f"{envelope.source} {envelope.id}"
    if not _NAMEABLE_TWICE(both) or not (both.isascii() or _are_seen_whole(envelope)):
        wrong = "source" if not is_name(envelope.source) else "id"
        raise Malformed("wrong_schema", f"{wrong} must have 1 to 200 printable characters and no spaces")


def _are_seen_whole(envelope: _Envelope | Event) -> bool:
    return is_seen_whole(envelope.source) and is_seen_whole(envelope.id)


def is_name(text: str) -> bool:
    """Tell whether a text may be an id: 1 to 200 printable characters, no spaces."""
    return _NAMEABLE(text) is not None and is_seen_whole(text)


def _read_sequence(value: str | int | None) -> int | None:
    if value is None:
        return None
    if not _A_NUMBER(str(value)):
        raise Malformed("wrong_schema", "sequence must be a whole number")
    return int(value)


def _check_unambiguous(value: bytes, *, names: int) -> None:
    try:
        refuse_ambiguous(value, names=names)
    except Ambiguous as error:
        raise Malformed("not_json", error.problem) from None


def _read_data(data: bytes, event_type: EventType) -> EventData:
    # An older reader passes over what a newer writer of ours added; others are read to the letter.
    try:
        return event_type.read(data, extra="ignore" if event_type.published else "forbid")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=True, include_input=False)
        if first[0]["type"] == "json_invalid":
            raise Malformed("not_json", "data is not JSON (RFC 8259, UTF-8, sanely nested)") from None
        raise Malformed("wrong_schema", describe(first)) from None


def render(event: Event) -> tuple[bytes, bytes, Headers]:
    """Return the key, value and headers that say this event in structured mode."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": _write_time(event.time),
        "subject": event.person_id,
        "datacontenttype": JSON,
    }
    if event.sequence is not None:
        envelope["sequence"] = str(event.sequence)
    envelope["data"] = msgspec.Raw(_write_data(event.data))
    value = msgspec.json.encode(envelope)
    return event.person_id.encode(), value, (("content-type", STRUCTURED.encode()),)


def render_binary(event: Event) -> tuple[bytes, bytes, Headers]:
    """Return the key, value and headers that say this event in binary mode."""
    attributes = {
        "content-type": JSON,
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_source": event.source,
        "ce_type": event.type,
        "ce_time": _write_time(event.time),
        "ce_subject": event.person_id,
    }
    if event.sequence is not None:
        attributes["ce_sequence"] = str(event.sequence)
    headers = tuple((name, text.encode()) for name, text in attributes.items())
    return event.person_id.encode(), _write_data(event.data), headers


def _write_time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _write_data(data: EventData) -> bytes:
    # What was left out stays left out: for a partial update that is not the same as null.
    return data.model_dump_json(exclude_unset=True).encode()
