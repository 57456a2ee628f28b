"""Forget: all that is stored of people goes, and of their stops a digest stays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation import acts, inbox, quarantine
from foundation.database import Connection
from preferences.model.erasure import Stop, stops_of
from preferences.store import erasures
from preferences.store.erasures import KeptStop
from preferences.store.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Somebody who is forgotten: the version under which that is told, and what stays of their stops."""

    person_id: str
    version: int
    stops: Sequence[KeptStop]


async def forget(
    connection: Connection,
    erased: Sequence[Person],
    *,
    versions: Mapping[str, int],
    told: Mapping[str, Sequence[KeptStop]] | None = None,
    now: datetime,
) -> list[Forgotten]:
    """Forget these people, whom the caller has locked; return what is to be told of each.

    `versions` are those under which it is told, above any told before. `told` are stops that were kept when
    they were forgotten before, where that is done again after a restore.
    """
    if not erased:
        return []
    names = [person.person_id for person in erased]
    addresses = {address for person in erased for address in person.addresses or ()}
    addresses |= await erasures.list_linked_addresses(connection, names)
    forgotten: list[Forgotten] = []
    for person in erased:
        own = stops_of(person.person_id, person.record, addresses=person.addresses or ())
        stops = {(stop.digest, stop.opt_out_id): stop for stop in (told or {}).get(person.person_id, ())}
        stops |= {(stop.digest, stop.opt_out_id): stop for stop in await kept(connection, own)}
        forgotten.append(
            Forgotten(
                person_id=person.person_id,
                version=versions[person.person_id],
                stops=[stops[key] for key in sorted(stops)],
            )
        )
    await erasures.record_erasures(connection, {name: versions[name] for name in names}, now=now)
    await erasures.keep_stops(connection, [stop for one in forgotten for stop in one.stops])
    await inbox.forget_digests(connection, await erasures.list_heard(connection, names))
    await erasures.erase_rows(connection, names)
    await quarantine.forget(connection, keys=names, texts=addresses)
    await acts.forget_reasons(connection, names, addresses=addresses)
    return forgotten


async def kept(connection: Connection, stops: Iterable[Stop]) -> list[KeptStop]:
    """Return these stops as they are kept: what they are about by its digest."""
    known = list(stops)
    digests = await erasures.digests_of(connection, {stop.about for stop in known})
    return [
        KeptStop(
            digest=digests[stop.about],
            # One that closed a channel closes each address of it for good, so each gets a name.
            opt_out_id=f"{stop.opt_out_id[:150]}@{digests[stop.about][:16]}"
            if stop.of_channel
            else stop.opt_out_id,
            channel=stop.channel,
            kind=stop.kind,
            origin=stop.origin,
            at=datetime.fromisoformat(stop.at),
            heard_at=datetime.fromisoformat(stop.heard),
        )
        for stop in known
    ]
