"""Links: which person and address each of them names, by the digest that stands in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from foundation.database import Connection
from foundation.sql import queries
from schemas.links import name_of

_SQL = queries(__file__)


class Place(NamedTuple):
    """A person and one of their addresses, in its canonical form."""

    person_id: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace:
    """A place that a link may name; links made before `revoked_at` work no more."""

    place: Place
    revoked_at: datetime | None


async def use_keys(connection: Connection, keys: Sequence[bytes]) -> None:
    """Name people and addresses by each of these keys from now on; links of any other name nobody new."""
    key, *others = keys
    await _SQL.use_keys(connection, key=key, others=others)


async def lacks_names(connection: Connection) -> bool:
    """Tell whether there may be people whom some key in use does not name yet."""
    return not (await _SQL.read_key(connection))["is_whole"]


async def note_whole(connection: Connection, keys: Sequence[bytes]) -> None:
    """Say that everybody is named by these keys, if they are still those in use."""
    key, *others = keys
    await _SQL.note_whole(connection, key=key, others=others)


async def name_addresses(connection: Connection, places: Iterable[Place]) -> None:
    """Have links name these, if a center is configured; what is named already stays."""
    named = sorted(set(places))
    if not named:
        return
    row = await _SQL.share_keys(connection)
    keys = [] if row["key"] is None else [row["key"], *row["others"]]
    if keys:
        await _SQL.name_addresses(
            connection,
            names=[name_of(key, *place) for key in keys for place in named],
            people=[place.person_id for place in named] * len(keys),
            addresses=[place.address for place in named] * len(keys),
        )


async def name_page(connection: Connection, *, after: str, limit: int) -> str | None:
    """Have links name the addresses of so many people behind an id; return the last of them, else None."""
    page = await _SQL.list_addresses(connection, after=after, limit=limit)
    await name_addresses(
        connection, [Place(row["person_id"], address) for row in page for address in row["addresses"] or ()]
    )
    return page[-1]["person_id"] if page else None


async def find_named(connection: Connection, name: bytes) -> Sequence[NamedPlace]:
    """Return what a link of this name may be for: more than one in trillions of cases, and mostly none."""
    return [
        NamedPlace(
            place=Place(row["person_id"], row["address"]),
            revoked_at=datetime.fromisoformat(row["revoked_at"]) if row["revoked_at"] else None,
        )
        for row in await _SQL.find_named(connection, name=name)
    ]
