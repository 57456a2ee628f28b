"""Erasures: who was erased, and their stops, of which the address stays as a digest."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries

_SQL = queries(__file__)


class KeptStop(Struct, frozen=True, kw_only=True):
    """A stop of somebody who was erased; `digest` is of the address, or of the id, that it closes."""

    digest: str
    opt_out_id: str
    channel: str
    kind: str
    origin: str
    at: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """When somebody was erased, as what version that was told, and when they returned, if they did."""

    erased_at: datetime
    version: int
    returned_at: datetime | None


class Goes(Struct, frozen=True):
    """How many rows an erasure deletes, by what they are."""

    entries: int
    choices: int
    links: int
    light_checks: int
    quarantined: int
    reasons: int


async def digests_of(connection: Connection, texts: Collection[str]) -> dict[str, str]:
    """Return the digest of each of these addresses or ids, which nobody can make without the key."""
    if not texts:
        return {}
    key: bytes = await _SQL.read_key(connection)
    return {text: hmac.new(key, text.encode(), sha256).hexdigest() for text in texts}


async def find_standing(connection: Connection, people: Collection[str]) -> dict[str, datetime]:
    """Return since when those of these people are erased who are and have not returned."""
    rows = await _SQL.find_standing(connection, people=sorted(people))
    return {row["person_id"]: row["erased_at"] for row in rows}


async def find_erasure(connection: Connection, person_id: str) -> Erasure | None:
    row = await _SQL.find_erasure(connection, person_id=person_id)
    return None if row is None else Erasure(**row)


async def list_versions(connection: Connection, people: Collection[str]) -> dict[str, int]:
    """Return as what version the last erasure of each of these people was told, where there was one."""
    rows = await _SQL.list_versions(connection, people=sorted(people))
    return {row["person_id"]: row["version"] for row in rows}


async def record_erasures(connection: Connection, versions: Mapping[str, int], *, now: datetime) -> None:
    """Put on record that these people, whom the caller has locked, are erased now."""
    await _SQL.record_erasures(connection, people=list(versions), versions=list(versions.values()), now=now)


async def note_returned(connection: Connection, people: Collection[str], *, now: datetime) -> None:
    """Say that these people are of this agency again."""
    if people:
        await _SQL.note_returned(connection, people=sorted(people), now=now)


async def keep_stops(connection: Connection, stops: Sequence[KeptStop]) -> None:
    if stops:
        await _SQL.keep_stops(connection, stops=stops)


async def find_stops(connection: Connection, digests: Collection[str]) -> list[KeptStop]:
    """Return the stops that were kept of these digests."""
    return [KeptStop(**row) for row in await _SQL.find_stops(connection, digests=sorted(digests))]


async def erase_rows(connection: Connection, people: Collection[str]) -> None:
    """Delete all that is stored of these people, of whom it is on record that they are erased."""
    for person_id in sorted(people):
        await _SQL.erase_entries(connection, person_id=person_id)
    await _SQL.erase_rows(connection, people=sorted(people))


async def list_heard(connection: Connection, people: Collection[str]) -> list[tuple[str, str]]:
    """Return the events, by source and id, of which these people's entries are."""
    rows = await _SQL.list_heard(connection, people=sorted(people))
    return [(row["source"], row["event_id"]) for row in rows]


async def list_linked_addresses(connection: Connection, people: Collection[str]) -> set[str]:
    """Return the addresses that links of these people name, the former ones too."""
    rows = await _SQL.list_linked_addresses(connection, people=sorted(people))
    return {row["address"] for row in rows}


async def count_rows(connection: Connection, person_id: str) -> Goes:
    """Return what an erasure of a person would delete."""
    return Goes(*await _SQL.count_rows(connection, person_id=person_id, key=person_id.encode()))
