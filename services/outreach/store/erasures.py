"""Erasures: who was erased, and what is left of what was done."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from foundation.database import Connection, to_json
from foundation.sql import queries

_SQL = queries(__file__)

#: How an address is written that was erased: by a digest, which no address of anybody takes the place of.
ERASED_ADDRESS = "erased:"
_DIGEST = "digest:"


class Erasure(Struct, frozen=True, kw_only=True):
    """Under which version somebody was erased, when, and since when they are back, if they are."""

    version: int
    erased_at: datetime
    returned_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.returned_at is None


class DeferredErasure(Struct, frozen=True, kw_only=True):
    """An erasure that waits until what forbids it here is over; nothing is sent to the person meanwhile."""

    person_id: str
    version: int
    erased_at: datetime
    heard_at: datetime


class StoredSituation(Struct, frozen=True):
    """A situation that was decided, as a line of JSON, and the digest that names it."""

    decision_id: int
    situation: bytes
    digest: str = ""


async def find_erased(connection: Connection, people: Collection[str]) -> dict[str, Erasure]:
    """Return of these people who was ever erased, by person."""
    if not people:
        return {}
    rows = await _SQL.find_erased(connection, people=sorted(people))
    return {
        row["person_id"]: Erasure(
            version=row["version"], erased_at=row["erased_at"], returned_at=row["returned_at"]
        )
        for row in rows
    }


async def record_erased(
    connection: Connection, erased: Mapping[str, Erasure], *, held: Mapping[str, Mapping[str, int]]
) -> None:
    """Put on record that these people are erased, and of how many rows, by what they were."""
    await _SQL.record_erased(
        connection,
        people=list(erased),
        versions=[erasure.version for erasure in erased.values()],
        ats=[erasure.erased_at for erasure in erased.values()],
        held=[to_json(held[person]) for person in erased],
    )
    await _SQL.end_deferral(connection, people=list(erased))


async def count_held(connection: Connection, people: Collection[str]) -> dict[str, dict[str, int]]:
    """Return how many rows there are of each of these people, by what they are."""
    rows = map(dict, await _SQL.count_held(connection, people=sorted(people)))
    return {row.pop("person_id"): row for row in rows}


async def read_held(connection: Connection, person_id: str) -> dict[str, int] | None:
    """Return how many rows there were of somebody when they were erased, where that is on record."""
    rows = await _SQL.read_held(connection, person_id=person_id)
    return msgspec.json.decode(rows[0]["held"]) if rows and rows[0]["held"] is not None else None


async def defer_erasures(connection: Connection, deferred: Mapping[str, Erasure], *, now: datetime) -> None:
    """Put on record that the erasure of these people waits."""
    await _SQL.defer_erasures(
        connection,
        people=list(deferred),
        versions=[erasure.version for erasure in deferred.values()],
        ats=[erasure.erased_at for erasure in deferred.values()],
        now=now,
    )


async def list_deferred(
    connection: Connection, *, limit: int, person: str | None = None, after: DeferredErasure | None = None
) -> list[DeferredErasure]:
    """Return the erasures that wait, the oldest first; of one person, or of everybody, or those after one."""
    rows = await _SQL.list_deferred(
        connection,
        person=person,
        after=None if after is None else after.person_id,
        heard_at=None if after is None else after.heard_at,
        limit=limit,
    )
    return [DeferredErasure(**row) for row in rows]


async def end_deferral(connection: Connection, people: Collection[str]) -> None:
    """Have the erasure of these people wait no longer."""
    if people:
        await _SQL.end_deferral(connection, people=sorted(people))


async def list_returning(connection: Connection, told: Mapping[str, int]) -> set[str]:
    """Return whose erasure waits among these people, of whom a newer version was told since."""
    rows = await _SQL.list_returning(connection, people=list(told), versions=list(told.values()))
    return {row["person_id"] for row in rows}


async def note_returned(connection: Connection, people: Collection[str], *, now: datetime) -> None:
    """Say that these people are known again."""
    if people:
        await _SQL.note_returned(connection, people=sorted(people), now=now)


async def list_addresses_of(connection: Connection, people: Collection[str]) -> set[str]:
    """Return every address of these people that is stored anywhere, as it is spelled there."""
    rows = await _SQL.list_addresses_of(connection, people=sorted(people))
    return {
        row["address"]
        for row in rows
        if row["address"] and not row["address"].startswith((ERASED_ADDRESS, _DIGEST))
    }


async def list_had_by_others(
    connection: Connection, addresses: Collection[str], *, people: Collection[str]
) -> set[str]:
    """Return which of these addresses somebody else has."""
    rows = await _SQL.list_had_by_others(connection, addresses=sorted(addresses), people=sorted(people))
    return {row["address"] for row in rows}


async def list_subjects(connection: Connection, people: Collection[str]) -> set[str]:
    """Return what acts may name that were done to these people."""
    return {row["subject"] for row in await _SQL.list_subjects(connection, people=sorted(people))}


async def list_situations(connection: Connection, people: Collection[str]) -> list[StoredSituation]:
    """Return every situation that was decided about these people."""
    rows = await _SQL.list_situations(connection, people=sorted(people))
    return [StoredSituation(row["decision_id"], bytes(row["situation"])) for row in rows]


async def keep_situations(connection: Connection, situations: Sequence[StoredSituation]) -> None:
    """Store what is left of these situations, each under the digest of that."""
    if situations:
        await _SQL.keep_situations(
            connection,
            ids=[situation.decision_id for situation in situations],
            situations=[situation.situation for situation in situations],
            digests=[situation.digest for situation in situations],
        )


async def forget_people(
    connection: Connection, people: Collection[str], *, digests: Mapping[str, str], had: Collection[str]
) -> None:
    """Forget what is known of these people; of what was sent, when and by what rule stays.

    `digests` are of all their addresses, `had` those that somebody else has: what closes one of these stays
    as it is, and is theirs no more.
    """
    names, addresses = sorted(people), sorted(digests)
    told = [digests[address] for address in addresses]
    own = [address for address in addresses if address not in had]
    await _SQL.forget_holds(connection, people=names)
    await _SQL.forget_mistakes(connection, people=names)
    await _SQL.keep_stops(
        connection,
        people=names,
        addresses=addresses,
        digests=told,
        had=[address in had for address in addresses],
    )
    await _SQL.forget_known(connection, people=names, own=own)
    await _SQL.forget_sent(connection, people=names, addresses=addresses, digests=told)
