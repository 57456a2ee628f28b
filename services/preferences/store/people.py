"""People: one row each, whose lock every writer takes, in the order of person_id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from foundation.database import Connection
from foundation.sql import queries
from preferences.model.record import Record
from preferences.model.stored_record import read_record

#: Any number, the same for everybody who changes or relies on which ids are one person.
_CIRCLES: Final = 0x73616D65

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is stored of a person. `version` and `digest` are those of the snapshot last published.

    `addresses` are those that the record names, as they are compared; None of a record that an
    earlier release has written. `same_as` are the ids that it says are the same person.
    """

    person_id: str
    record: Record
    version: int
    digest: bytes | None
    addresses: Sequence[str] | None = None
    same_as: Sequence[str] = ()


async def hold_circles(connection: Connection, *, joining: bool) -> None:
    """Keep which ids are one person as it is until the transaction ends; with `joining` to change it alone.

    To be taken before people are locked: whose circle nobody changes can be locked as a whole.
    """
    if joining:
        await _SQL.hold_circles_alone(connection, lock=_CIRCLES)
    else:
        await _SQL.hold_circles_with_others(connection, lock=_CIRCLES)


async def read_circles(connection: Connection, people: Collection[str]) -> set[str]:
    """Return these people, and whoever is the same person as one of them."""
    rows = await _SQL.read_circles(connection, people=sorted(people))
    return {row["person_id"] for row in rows}


async def lock_people(connection: Connection, people: Collection[str], *, now: datetime) -> list[Person]:
    """Lock these people, met now if never before, until the transaction ends."""
    wanted = sorted(set(people))
    await _SQL.meet_people(connection, people=wanted, now=now)
    return [_person(row, now=now) for row in await _SQL.lock_people(connection, people=wanted)]


async def keep_people(connection: Connection, people: Sequence[Person], *, now: datetime) -> None:
    """Store people whom the caller has locked."""
    if not people:
        return
    await _SQL.keep_people(
        connection,
        people=[person.person_id for person in people],
        records=[dict(person.record) for person in people],
        versions=[person.version for person in people],
        digests=[person.digest for person in people],
        named=[
            {"addresses": list(person.addresses or ()), "same_as": list(person.same_as)} for person in people
        ],
        now=now,
    )


async def find_person(connection: Connection, person_id: str, *, now: datetime) -> Person | None:
    row = await _SQL.read_person(connection, person_id=person_id)
    return _person(row, now=now) if row else None


async def list_known(connection: Connection, ids: Collection[str], *, limit: int) -> list[str]:
    """Return which of these ids somebody is known by, up to a bound, in order."""
    found = await _SQL.list_known(connection, people=sorted(ids), limit=limit)
    return [row["person_id"] for row in found]


async def find_people(connection: Connection, people: Collection[str], *, now: datetime) -> list[Person]:
    """Return those of these people who are known, in the order of their ids; nobody is locked."""
    return [_person(row, now=now) for row in await _SQL.find_people(connection, people=sorted(people))]


async def list_by_address(connection: Connection, address: str, *, after: str, limit: int) -> list[str]:
    """Return the ids of people whose record names an address in its canonical form."""
    rows = await _SQL.list_by_address(connection, address=address, after=after, limit=limit)
    return [row["person_id"] for row in rows]


async def owners_of(connection: Connection, addresses: Collection[str]) -> dict[str, Sequence[str]]:
    """Return the people of each of these addresses, given in their canonical form, where there are any."""
    rows = await _SQL.owners_of(connection, addresses=sorted(addresses))
    return {row["address"]: row["people"] for row in rows}


async def list_shared_addresses(connection: Connection, *, limit: int) -> list[Sequence[str]]:
    """Return, for each address that several people have, these people."""
    return [row["people"] for row in await _SQL.list_shared_addresses(connection, limit=limit)]


async def list_people(connection: Connection, *, after: str, limit: int, now: datetime) -> list[Person]:
    """Return people in the order of their ids, beginning behind `after`."""
    return [_person(row, now=now) for row in await _SQL.list_people(connection, after=after, limit=limit)]


def _person(row: Mapping[str, Any], *, now: datetime) -> Person:
    return Person(
        person_id=row["person_id"],
        record=read_record(row["record"], now=now),
        version=row["version"],
        digest=row["digest"],
        addresses=row["addresses"],
        same_as=row["same_as"],
    )
