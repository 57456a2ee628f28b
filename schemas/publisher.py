"""For those who publish events: what is wrong with them, before anybody else has to find out.

A file of events has one structured CloudEvent on each line. Topic and key need not be said: the
topic follows from the type, the key is the subject.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from schemas.envelope import STRUCTURED, Event, Headers, Malformed, parse
from schemas.registry import EVENT_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpublishableLine:
    """What is wrong on a line, counted from 1: a code, and the place with its remedy."""

    line: int
    reason: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaRecord:
    """A record as it goes to Kafka."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


class _Glance(msgspec.Struct):
    """As much of a line as says where it goes."""

    type: str = ""
    subject: str | None = None
    id: str = ""
    source: str = ""


_glance = msgspec.json.Decoder(_Glance).decode


def validate_lines(lines: Iterable[str | bytes], *, now: datetime) -> list[UnpublishableLine]:
    """Return everything that a consumer would refuse or ignore, in the order of the lines.

    Blank lines are passed over. An event whose source and id were used before in the same file is
    a problem too: consumers take it for one they have heard already.
    """
    problems: list[UnpublishableLine] = []
    first_line: dict[tuple[str, str], int] = {}
    for number, line in _numbered(lines):
        try:
            event = read_line(line, now=now)
        except Malformed as error:
            problems.append(UnpublishableLine(line=number, reason=error.reason, problem=error.problem))
            continue
        earlier = first_line.setdefault((event.source, event.id), number)
        if earlier != number:
            problems.append(
                UnpublishableLine(
                    line=number,
                    reason="repeated_id",
                    problem=f"source and id are those of line {earlier}; consumers would ignore this one",
                )
            )
    return problems


def read_line(line: bytes, *, now: datetime) -> Event:
    """Read one line as a consumer of its topic would.

    Raises:
        Malformed: a consumer would refuse it.
    """
    record = as_record(line)
    return parse(topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=now)


def as_record(line: bytes) -> KafkaRecord:
    """Return the record that carries this line; what it cannot tell is left empty, for `parse` to refuse."""
    try:
        glance = _glance(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        glance = _Glance()
    event_type = EVENT_TYPES.get(glance.type)
    return KafkaRecord(
        topic=event_type.topic if event_type else "",
        key=(glance.subject or "").encode(),
        value=line,
        headers=(("content-type", STRUCTURED.encode()),),
    )


def _numbered(lines: Iterable[str | bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, start=1):
        raw = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        if raw.strip():
            yield number, raw.strip()
