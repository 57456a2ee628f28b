"""What was sent, and what bound when it was: read from the tables themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import Connection
from foundation.sql import queries

_SQL = queries(__file__)

#: A calendar month in any zone, and the days a touch may be under way.
_CAPS_LOOK_BACK = timedelta(days=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A provider call that was begun. `became` is what the ledger says of it.

    `situation` is None where nobody wrote down that it might go, and `words` where they were erased.
    `holds_link` is of emails: both parts held the link to stop them by.
    """

    attempt_id: UUID
    touch_id: UUID
    person_id: str
    channel: str
    address: str
    policy: str
    decided_at: datetime
    called_at: datetime
    valid_until: datetime
    became: str | None
    situation: bytes | None
    words: str | None = None
    holds_link: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerContact:
    """A contact of ours in the ledger."""

    person_id: str
    at: datetime
    channel: str
    debts: frozenset[str]
    purpose: str | None
    outcome: str | None
    in_reply_to: datetime | None
    key: str | None
    address: str | None
    attempt_id: UUID
    decided_at: datetime
    called_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Something that closes a channel, or all of them, for a person or at an address."""

    suppression_id: str
    person_id: str | None
    address: str | None
    channel: str | None
    kind: str
    heard_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    mistaken_at: datetime | None = None
    mistaken_by: str | None = None
    mistaken_why: str | None = None
    mistaken_evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Config files that were in force from `loaded_at`."""

    version: str
    loaded_at: datetime
    files: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a message said, and a touch that went in it. `details` are what the touch was told to say."""

    attempt_id: UUID
    text: str
    debt_id: str
    occasion: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All that the audit looks at.

    `debts` are what is known of each, by person and id; `heard` says when each event was heard, by its
    source and id.
    """

    called: Sequence[Called]
    made: Sequence[LedgerContact]
    stops: Sequence[Stop]
    versions: Sequence[Version]
    written: Sequence[Written]
    debts: Mapping[tuple[str, str], dict[str, Any]]
    heard: Mapping[str, datetime]


async def read_books(connection: Connection, *, since: datetime) -> Books:
    """Read every call begun since an instant, and everything that may have forbidden it."""
    called = await _SQL.list_called(connection, since=since)
    made = await _SQL.list_contacts(connection, since=since - _CAPS_LOOK_BACK)
    stops = await _SQL.list_stops(connection, since=since)
    versions = await _SQL.list_config_versions(connection)
    written = await _SQL.list_said(connection, since=since)
    debts = await _SQL.list_debts_named(connection, since=since)
    heard = await _SQL.list_heard(connection)
    return Books(
        called=[Called(**dict(row)) for row in called],
        made=[LedgerContact(**{**dict(row), "debts": frozenset(row["debts"])}) for row in made],
        stops=[Stop(**dict(stop)) for stop in stops],
        versions=[_version(version) for version in versions],
        written=[_written(row) for row in written],
        debts={(row["person_id"], row["debt_id"]): msgspec.json.decode(row["facts"]) for row in debts},
        heard={f"{row['source']} {row['event_id']}": row["heard_at"] for row in heard},
    )


def _written(row: Any) -> Written:
    message = msgspec.json.decode(row["message"])
    text = message.get("body") or f"{message['subject']}\n{message['text']}"
    details = msgspec.json.decode(row["details"])
    return Written(
        attempt_id=row["attempt_id"],
        text=text,
        debt_id=row["debt_id"],
        occasion=row["occasion"],
        details=details,
    )


def _version(row: Any) -> Version:
    files = msgspec.json.decode(row["content"], type=dict[str, str])
    return Version(version=row["version"], loaded_at=row["loaded_at"], files=files)
