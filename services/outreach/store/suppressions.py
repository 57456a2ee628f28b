"""Suppressions: what binds a person or an address from the moment it is heard here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import asyncpg
from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.suppression import Suppression
from outreach.model.words import Channel
from outreach.store.digests import digest_addresses, unnamed
from outreach.store.erasures import find_erased

_SQL = queries(__file__)

#: Where a wait for a human comes from that a person's names began.
OF_NAMES: Final = "names"
#: Where the hold comes from of somebody whose erasure waits.
OF_ERASURES: Final = "erasure"


class StandingStop(Struct, frozen=True, kw_only=True):
    """What closes a channel or an address and still stands, and by which route it came.

    `may_be_mistaken` is false of what the person closed with their own hand.
    """

    suppression_id: str
    person_id: str | None
    address: str | None
    channel: Channel
    kind: str
    origin: str
    at: datetime
    heard_at: datetime
    may_be_mistaken: bool


class LiftableStop(Struct, frozen=True):
    """What a START takes back, and when it began."""

    suppression: Suppression
    began_at: datetime


async def record_suppressions(
    connection: Connection,
    suppressions: Sequence[Suppression],
    *,
    origin: str,
    now: datetime,
    by: str | None = None,
) -> set[str]:
    """Record these as heard now; return the ids of those that are new. `by` is whoever was told, if staff."""
    if not suppressions:
        return set()
    suppressions = await _without_erased(connection, suppressions)
    found = await _SQL.record_suppressions(
        connection,
        ids=[suppression.suppression_id for suppression in suppressions],
        people=[suppression.person_id for suppression in suppressions],
        addresses=[suppression.address for suppression in suppressions],
        channels=[suppression.channel for suppression in suppressions],
        kinds=[suppression.kind for suppression in suppressions],
        origins=[origin] * len(suppressions),
        ats=[suppression.at for suppression in suppressions],
        untils=[suppression.until for suppression in suppressions],
        by=by,
        now=now,
    )
    return {row["suppression_id"] for row in found}


async def _without_erased(
    connection: Connection, suppressions: Sequence[Suppression]
) -> Sequence[Suppression]:
    """Have what closes an address of somebody who was erased close it by its digest, for whoever has it."""
    named = {suppression.person_id for suppression in suppressions if suppression.person_id is not None}
    known = await find_erased(connection, named)
    erased = {person for person, erasure in known.items() if erasure.stands}
    if not erased:
        return suppressions
    theirs = [one for one in suppressions if one.person_id in erased and one.address is not None]
    digests = await digest_addresses(connection, {one.address for one in theirs if one.address is not None})
    return [
        replace(one, person_id=None, address=unnamed(digests[one.address]))
        if one.person_id in erased and one.address is not None
        else one
        for one in suppressions
    ]


async def read_suppressions(connection: Connection, people: Sequence[str]) -> dict[str, list[Suppression]]:
    """Return what binds these people, themselves or through an address, by person."""
    return _by_person(await _SQL.read_suppressions(connection, people=people))


async def list_suppressions_of(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Return everything that ever bound a person or an address of theirs, what was lifted too."""
    return [dict(row) for row in await _SQL.list_suppressions_of(connection, person_id=person_id)]


async def read_suppressions_by_other_ids(
    connection: Connection, people: Sequence[str]
) -> dict[str, list[Suppression]]:
    """Return what binds these people under another id of theirs, by person."""
    return _by_person(await _SQL.read_suppressions_by_other_ids(connection, people=people))


def _by_person(rows: Iterable[asyncpg.Record]) -> dict[str, list[Suppression]]:
    bound: dict[str, list[Suppression]] = {}
    for row in rows:
        bound.setdefault(row["person_id"], []).append(
            Suppression(
                suppression_id=row["suppression_id"],
                person_id=row["person_id"],
                address=row["address"],
                channel=Channel(row["channel"]) if row["channel"] else None,
                kind=row["kind"],
                at=row["at"],
                until=row["until"],
                is_local=row["is_local"],
            )
        )
    return bound


async def lift_holds(
    connection: Connection, suppressions: Collection[str], *, by: str, now: datetime
) -> None:
    """Lift those of these that are holds; an opt-out that bears such a name stays."""
    if suppressions:
        await _SQL.lift_holds(connection, ids=list(suppressions), by=by, now=now)


async def lift_holds_of_erasures(
    connection: Connection, people: Collection[str], *, by: str, now: datetime
) -> None:
    """Lift what holds these people because their erasure waits."""
    await _SQL.lift_holds_of_erasures(connection, people=sorted(people), by=by, now=now)


async def lift_suppressions(
    connection: Connection, suppressions: Collection[str], *, by: str, now: datetime
) -> list[Suppression]:
    """Lift these by name; return those that had bound somebody."""
    if not suppressions:
        return []
    found = await _SQL.lift_suppressions(connection, ids=list(suppressions), by=by, now=now)
    return [_ending(row, at=now) for row in found]


async def lift_waits_of_other_names(
    connection: Connection, people: Sequence[str], *, standing: Sequence[str], by: str, now: datetime
) -> None:
    """End what other names of these people began than those they have now, whose waits are `standing`."""
    await _SQL.lift_waits_of_other_names(connection, people=people, standing=standing, by=by, now=now)


async def list_waits_of_names(connection: Connection, *, person: str | None) -> dict[str, datetime]:
    """Return who waits because their name tells of a death, and since when; one person, or everybody."""
    rows = await _SQL.list_waits_of_names(connection, person=person)
    return {row["person_id"]: row["since"] for row in rows}


async def list_recorded(connection: Connection, suppressions: Collection[str]) -> set[str]:
    """Return which of these were ever recorded, whether they stand or were lifted."""
    if not suppressions:
        return set()
    rows = await _SQL.list_recorded(connection, ids=list(suppressions))
    return {row["suppression_id"] for row in rows}


async def list_liftable(
    connection: Connection, *, address: str, channel: Channel, now: datetime
) -> list[LiftableStop]:
    """Return what a START at this address takes back, locked."""
    found = await _SQL.list_liftable(connection, address=address, channel=channel)
    return [LiftableStop(_ending(row, at=now), row["at"]) for row in found]


async def stays_closed(
    connection: Connection, *, address: str, people: Sequence[str], channel: Channel, but: Sequence[str]
) -> bool:
    """Say whether anything but these suppressions closes a channel to somebody, or at an address."""
    return bool(
        await _SQL.stays_closed(
            connection, address=address, people=list(people), channel=channel, but=list(but)
        )
    )


async def list_stops_of(connection: Connection, subject: str) -> list[StandingStop]:
    """Return what closes a channel or an address, by a person's id, an address or its own id."""
    found = await _SQL.list_stops_of(connection, subject=subject)
    return [StandingStop(**{**row, "channel": Channel(row["channel"])}) for row in map(dict, found)]


async def mark_mistaken(
    connection: Connection,
    suppressions: Collection[str],
    *,
    by: str,
    why: str,
    evidence: str,
    now: datetime,
) -> list[Suppression]:
    """Say that these were recorded by mistake; return those that could be, which bind nobody any more."""
    found = await _SQL.mark_mistaken(
        connection, ids=list(suppressions), by=by, why=why, evidence=evidence, now=now
    )
    return [_ending(row, at=now) for row in found]


async def is_unsafe(connection: Connection, *, address: str, channel: Channel) -> bool:
    """Return whether others read what comes to this address, who may harm the person."""
    return bool(await _SQL.is_unsafe(connection, address=address, channel=channel))


def _ending(row: asyncpg.Record, *, at: datetime) -> Suppression:
    return Suppression(
        suppression_id=row["suppression_id"],
        person_id=row["person_id"],
        address=row["address"],
        channel=Channel(row["channel"]) if row["channel"] else None,
        kind=row["kind"],
        at=at,
    )
