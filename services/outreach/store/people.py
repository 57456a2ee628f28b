"""People: the row whose lock every writer takes, their snapshot, and who shares an address with whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.database import Connection
from foundation.sql import queries
from outreach.store.digests import digest_addresses, name_addresses

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """What is stored of a person. `snapshot` is JSON as preferences published it, or None."""

    person_id: str
    revision: int
    snapshot: str | None


async def meet_people(connection: Connection, people: Iterable[str], *, now: datetime) -> None:
    """Lock these people and their other ids in the order that every writer uses.

    Whoever is new gets a row.
    """
    await _SQL.meet_people(connection, people=sorted(set(people)), now=now)


async def lock_people(connection: Connection, people: Iterable[str]) -> list[str]:
    """Lock these people and their other ids in the order that every writer uses.

    Return those of these people that exist.
    """
    wanted = set(people)
    found = await _SQL.lock_people(connection, people=sorted(wanted))
    return [row["person_id"] for row in found if row["person_id"] in wanted]


async def lock_people_with_due_touches(connection: Connection, *, now: datetime, limit: int) -> list[str]:
    """Lock up to `limit` people who have due touches and whom no other worker holds."""
    found = await _SQL.lock_people_with_due_touches(connection, now=now, limit=limit, candidates=limit * 4)
    return [row["person_id"] for row in found]


async def raise_revisions(connection: Connection, people: Iterable[str]) -> None:
    """Say that something changed which could change a decision about these people, by whatever id."""
    await _SQL.raise_revisions(connection, people=sorted(set(people)))


async def read_people(connection: Connection, people: Sequence[str]) -> dict[str, StoredPerson]:
    """Return the stored people by id."""
    found = await _SQL.read_people(connection, people=people)
    return {row["person_id"]: StoredPerson(*row) for row in found}


async def list_versions(connection: Connection, people: Collection[str]) -> dict[str, int]:
    """Return the version of the stored snapshot of each of these people; who has none is left out."""
    if not people:
        return {}
    rows = await _SQL.list_versions(connection, people=sorted(people))
    return {row["person_id"]: row["version"] for row in rows}


async def read_snapshots(connection: Connection, people: Sequence[str]) -> dict[str, str]:
    """Return the JSON of the stored snapshots by person; who has none is left out."""
    found = await _SQL.read_snapshots(connection, people=people)
    return {row["person_id"]: row["snapshot"] for row in found}


async def keep_snapshots(
    connection: Connection, snapshots: Mapping[str, tuple[int, str]], *, now: datetime
) -> set[str]:
    """Store newer snapshots, given as (version, JSON) by person; return whose is another now."""
    people = sorted(snapshots)
    found = await _SQL.keep_snapshots(
        connection,
        people=people,
        versions=[snapshots[person][0] for person in people],
        snapshots=[snapshots[person][1] for person in people],
        now=now,
    )
    return {row["person_id"] for row in found}


async def replace_addresses(
    connection: Connection, addresses: Mapping[str, Iterable[tuple[str, str]]]
) -> None:
    """Replace the addresses of these people by (channel, address) pairs."""
    flat = [
        (address, person, channel) for person, reached in addresses.items() for channel, address in reached
    ]
    digests = await digest_addresses(connection, {address[0] for address in flat})
    await _SQL.forget_addresses(connection, people=sorted(addresses))
    await _SQL.keep_addresses(
        connection,
        addresses=[address[0] for address in flat],
        people=[address[1] for address in flat],
        channels=[address[2] for address in flat],
        digests=[digests[address[0]] for address in flat],
    )
    # A stop or a contact that was read back may have waited for somebody to have the address.
    await name_addresses(connection, digests)


async def list_people_at(connection: Connection, addresses: Collection[str]) -> list[str]:
    """Return everybody who has one of these addresses or was written to there, in order."""
    by_address = await list_people_by_address(connection, addresses)
    return sorted({person for people in by_address.values() for person in people})


async def list_people_by_address(connection: Connection, addresses: Collection[str]) -> dict[str, list[str]]:
    """Return who has each of these addresses or was written to there, in order; nobody's are left out."""
    by_address: dict[str, list[str]] = {}
    if addresses:
        for row in await _SQL.list_people_at(connection, addresses=sorted(addresses)):
            by_address.setdefault(row["address"], []).append(row["person_id"])
    return by_address


async def lock_what_is_shared(
    connection: Connection, *, addresses: Iterable[str], other_ids: Iterable[str]
) -> None:
    """Lock addresses that people share, and all ids of people who have several; after the people's locks."""
    names = {*addresses, *(f"person {person_id}" for person_id in other_ids)}
    if names:
        await _SQL.lock_names(connection, names=sorted(names))


async def read_other_ids(connection: Connection, people: Collection[str]) -> dict[str, set[str]]:
    """Return the other ids of the same person, by person; who has none is left out."""
    others: dict[str, set[str]] = {}
    for row in await _SQL.read_other_ids(connection, people=sorted(people)):
        others.setdefault(row["person_id"], set()).add(row["other"])
    return others


async def replace_other_ids(connection: Connection, others: Mapping[str, Collection[str]]) -> None:
    """Replace what is said of these people's other ids."""
    flat = [(person, other) for person, ids in others.items() for other in ids if other != person]
    await _SQL.forget_other_ids(connection, people=sorted(others))
    if flat:
        await _SQL.keep_other_ids(
            connection, people=[person for person, _ in flat], others=[other for _, other in flat]
        )


async def read_shared_addresses(connection: Connection, people: Sequence[str]) -> dict[str, list[str]]:
    """Return the addresses that these people share with others, by person."""
    shared: dict[str, list[str]] = {}
    for row in await _SQL.read_shared_addresses(connection, people=people):
        shared.setdefault(row["person_id"], []).append(row["address"])
    return shared


async def read_addresses_of_erased(
    connection: Connection, people: Sequence[str], *, since: datetime
) -> dict[str, dict[str, str]]:
    """Return the addresses of these people at which somebody since erased was contacted after `since`.

    By person and address, each with what the ledger has in the place of that address.
    """
    shared: dict[str, dict[str, str]] = {}
    for row in await _SQL.read_addresses_of_erased(connection, people=people, since=since):
        shared.setdefault(row["person_id"], {})[row["address"]] = row["erased"]
    return shared


async def list_all_people(connection: Connection, *, after: str, limit: int) -> list[str]:
    """Return the next people in id order, for passes over everybody."""
    return [
        person["person_id"] for person in await _SQL.list_all_people(connection, after=after, limit=limit)
    ]
