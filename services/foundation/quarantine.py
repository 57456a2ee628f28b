"""Records that nobody could read: kept whole, with the reason, until somebody replays or dismisses them."""

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from foundation.database import Connection
from foundation.records import Headers, Record
from foundation.sql import queries

_SQL = queries(__file__)

#: Why a record is kept of which only the head is left.
TOO_LARGE: Final = "too_large"
#: Why a record is kept aside of which nothing is left but its place and key.
ERASED: Final = "erased"
#: How long a person may wait for a record that nobody could read before staff should know.
WAITS_UNSEEN = timedelta(seconds=15)


class Undecidable(Exception):
    """Nothing can be decided about a record."""


class RecordNotFound(Undecidable):
    """No quarantined record has this id."""

    def __init__(self, record_id: int) -> None:
        super().__init__(f"no record {record_id} is in the quarantine")


class NotWhole(Undecidable):
    """Only the head of the record was kept, so it cannot be read again."""

    def __init__(self, record_id: int) -> None:
        super().__init__(f"only the head of record {record_id} was kept: ask its publisher, then dismiss it")


class NothingKept(Undecidable):
    """Nothing of the record was kept, for it is about somebody who was erased."""

    def __init__(self, record_id: int) -> None:
        super().__init__(
            f"nothing of record {record_id} was kept, for the person was erased: if they return, say so and"
            " have its publisher send it again; then dismiss it"
        )


class AlreadyDecided(Undecidable):
    """Somebody replayed or dismissed the record before."""

    def __init__(self, record_id: int, state: str) -> None:
        super().__init__(f"record {record_id} is {state} already")


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedRecord:
    """A record that cannot be understood as it is.

    `reason` is a stable code. `problem` says where and what, for a human, without quoting the
    record. `person` is the record's key where that can be read: who has to wait for an answer.
    """

    record: Record
    reason: str
    problem: str
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedRecord:
    """A malformed record in the quarantine."""

    id: int
    malformed: MalformedRecord
    state: Literal["open", "replayed", "dismissed"]
    kept_at: datetime
    closed_at: datetime | None
    closed_by: str | None

    @property
    def named(self) -> set[str]:
        """Whom the record names, where that can be read: who waits for it."""
        return {self.malformed.person} if self.malformed.person else set()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPerson:
    """Somebody to whom nothing goes until the records that name them are replayed or dismissed."""

    person: str
    since: datetime
    records: Sequence[int]


def without(records: Sequence[Record], malformed: Sequence[MalformedRecord]) -> list[Record]:
    """Return the records that are not among the malformed ones, in their order."""
    aside = {id(kept.record) for kept in malformed}
    return [record for record in records if id(record) not in aside]


async def keep(
    connection: Connection, malformed: Sequence[MalformedRecord], *, now: datetime
) -> list[QuarantinedRecord]:
    """Keep these records and return those that were not kept before: each is announced once."""
    if not malformed:
        return []
    records = [record.record for record in malformed]
    rows = await _SQL.keep(
        connection,
        topics=[record.topic for record in records],
        partitions=[record.partition for record in records],
        offsets=[record.offset for record in records],
        keys=[record.key for record in records],
        values=[record.value for record in records],
        headers=[{"headers": _encode(record.headers)} for record in records],
        reasons=[record.reason for record in malformed],
        problems=[_storable(record.problem) for record in malformed],
        people=[_storable(record.person) if record.person is not None else None for record in malformed],
        now=now,
    )
    return [_kept(row) for row in rows]


async def list_open(connection: Connection, *, limit: int = 100, after: int = 0) -> list[QuarantinedRecord]:
    """Return open records in the order they were kept, beginning behind the id `after`."""
    return [_kept(row) for row in await _SQL.list_open(connection, limit=limit, after=after)]


async def find(connection: Connection, id: int) -> QuarantinedRecord | None:  # noqa: A002 - the word of the table
    row = await _SQL.find(connection, id=id)
    return _kept(row) if row else None


async def find_open(connection: Connection, id: int) -> QuarantinedRecord:  # noqa: A002
    """Return a record that nobody has decided about.

    Raises:
        RecordNotFound: no record has this id.
        AlreadyDecided: it was replayed or dismissed before.
    """
    kept = await find(connection, id)
    if kept is None:
        raise RecordNotFound(id)
    if kept.state != "open":
        raise AlreadyDecided(id, kept.state)
    return kept


async def find_whole(connection: Connection, id: int) -> QuarantinedRecord:  # noqa: A002
    """Return an open record that can be read again.

    Raises:
        RecordNotFound, AlreadyDecided: as `find_open`.
        NotWhole: only its head was kept.
        NothingKept: it was about somebody who was erased.
    """
    kept = await find_open(connection, id)
    if kept.malformed.reason == TOO_LARGE:
        raise NotWhole(id)
    if kept.malformed.reason == ERASED:
        raise NothingKept(id)
    return kept


async def decide(
    connection: Connection,
    kept: QuarantinedRecord,
    *,
    state: Literal["replayed", "dismissed"],
    by: str,
    now: datetime,
) -> None:
    """Close a record that was found open.

    Raises:
        AlreadyDecided: somebody else closed it meanwhile.
    """
    if not await close(connection, kept.id, state=state, by=by, now=now):
        raise AlreadyDecided(kept.id, "closed by somebody else")


async def close(
    connection: Connection,
    id: int,  # noqa: A002
    *,
    state: Literal["replayed", "dismissed"],
    by: str,
    now: datetime,
) -> bool:
    """Close an open record and say whether it was open: of two people who try, one succeeds."""
    return bool(await _SQL.close(connection, id=id, state=state, by=by, now=now))


async def keys_waiting(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return which of these keys have an open record: what they said is not known yet."""
    rows = await _SQL.keys_waiting(connection, keys=list(keys))
    return {row["person"] for row in rows}


async def list_waiting(connection: Connection, *, before: datetime, limit: int = 1000) -> list[WaitingPerson]:
    """Return whom a record has held up since before an instant, who has waited longest first."""
    rows = await _SQL.list_waiting_people(connection, before=before, limit=limit)
    return [WaitingPerson(**row) for row in rows]


async def count_waiting(connection: Connection, *, before: datetime) -> int:
    """Return how many people a record has held up since before an instant."""
    people: int = await _SQL.count_waiting_people(connection, before=before)
    return people


async def is_waiting_at(connection: Connection, key: str, *, at: datetime) -> bool:
    """Tell whether a record of this key lay undecided at an instant."""
    return bool(await _SQL.is_waiting_at(connection, key=key, at=at))


async def count_open(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many records are open per topic and reason."""
    return {(row["topic"], row["reason"]): row["records"] for row in await _SQL.count_open(connection)}


async def list_of(connection: Connection, key: str) -> list[QuarantinedRecord]:
    """Return every record of a key, open or closed, in the order they were kept."""
    return [_kept(row) for row in await _SQL.list_of(connection, key=key, encoded_key=key.encode())]


async def forget(connection: Connection, *, keys: Collection[str], texts: Collection[str]) -> None:
    """Delete what was kept of these keys, open or closed, and what names nobody and holds such a text."""
    await _SQL.forget(
        connection,
        keys=sorted(keys),
        encoded_keys=[key.encode() for key in sorted(keys)],
        texts=[text.encode() for text in sorted(texts)],
    )


async def delete_closed(connection: Connection, *, before: datetime) -> int:
    """Delete what was closed before an instant; return how many."""
    deleted: int = await _SQL.delete_closed(connection, before=before)
    return deleted


def _kept(row: Mapping[str, Any]) -> QuarantinedRecord:
    record = Record(
        row["topic"],
        row["partition"],
        row["record_offset"],
        row["key"],
        row["value"],
        _decode(row["headers"]["headers"]),
    )
    return QuarantinedRecord(
        id=row["id"],
        malformed=MalformedRecord(
            record=record, reason=row["reason"], problem=row["problem"], person=row["person"]
        ),
        state=row["state"],
        kept_at=row["kept_at"],
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
    )


def _encode(headers: Headers) -> list[tuple[str, str | None]]:
    """Headers as JSON can hold them: a name may contain what `jsonb` refuses, so both are base64."""
    return [
        (_base64(name.encode("utf-8", "surrogatepass")), None if value is None else _base64(value))
        for name, value in headers
    ]


def _decode(headers: list[tuple[str, str | None]]) -> Headers:
    return tuple(
        (
            base64.b64decode(name).decode("utf-8", "surrogatepass"),
            None if value is None else base64.b64decode(value),
        )
        for name, value in headers
    )


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _storable(text: str) -> str:
    # PostgreSQL has no text with NUL or half a surrogate pair, and a record may bring both.
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
