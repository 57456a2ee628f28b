"""What an observer outside sees of one run: all that the referee judges by. It keeps as JSON."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event published on an input topic; `data` is None of a record that nobody can read.

    `sent_at` is before the first try to publish it, `taken_at` after Kafka had it. `consumed_by` is an
    instant at which the group that reads the topic had committed past it; None while that was not seen.
    """

    person: str
    topic: str
    type: str
    id: str
    time: datetime
    data: Mapping[str, Any] | None
    sent_at: datetime
    taken_at: datetime
    consumed_by: datetime | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the vendor's stub read whole. `went_out` says whether the person got it.

    `fault` is what it met, such as `cut` or `status 429`; `answered_yes` that the caller was told that
    the message is taken over. `receipts` are those sent so far, and what each was answered.
    """

    vendor: Literal["twilio", "sendgrid"]
    at: datetime
    to: str
    text: str
    attempt_id: str | None
    went_out: bool
    answered_yes: bool
    fault: str | None = None
    receipts: tuple[tuple[str, int | None], ...] = ()


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A request that the stub answered with anything but yes. `planted`: because a fault told it to."""

    at: datetime
    to: str | None
    status: int
    planted: bool


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A record of a topic that the system writes, in the order of its partition; `at` is Kafka's.

    `consumed_by` as of `Told`, of the topics that the system itself reads.
    """

    topic: str
    partition: int
    offset: int
    at: datetime
    key: str
    id: str
    type: str
    sequence: int | None
    data: Mapping[str, Any]
    consumed_by: datetime | None = None


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wrote back, or a click on unsubscribe (`text` None), as the vendor brought it.

    `heard_at` is when a webhook answered `status`. A `forged` one bears a wrong signature.
    """

    reply_id: str
    address: str
    text: str | None
    sent_at: datetime
    heard_at: datetime
    status: int
    forged: bool = False


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Mischief: what was done, to whom, from when until it was undone."""

    kind: str
    target: str
    began_at: datetime
    ended_at: datetime


class Record(msgspec.Struct, kw_only=True):
    """One run. `elsewhere` counts what reached the vendors from a replica whose clock is wrong.

    `longest_call` is how long after its last check a message may still reach the vendor, in seconds.
    `at_once` is how many calls one sender may have under way.
    """

    seed: int
    began_at: datetime
    ended_at: datetime
    longest_call: float
    at_once: int
    told: list[Told]
    requests: list[Request]
    refusals: list[Refusal]
    heard: list[Heard]
    spoken: list[Spoken]
    deeds: list[Deed]
    elsewhere: int = 0

    def save(self, file: Path) -> None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))


def load(file: Path) -> Record:
    """Read a record that was kept."""
    return msgspec.json.decode(file.read_bytes(), type=Record)
