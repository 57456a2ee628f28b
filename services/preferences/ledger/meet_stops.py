"""Meet stops: whoever comes with an address or an id of which a stop was kept at an erasure has it too."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from foundation.database import Connection
from preferences.announcing.events import SOURCE
from preferences.model.addresses import addresses_of
from preferences.model.entry import carried
from preferences.model.erasure import about_person
from preferences.model.record import Record, RegisterValue, Stamp, fold_into, moment
from preferences.store import erasures
from preferences.store.entries import append_entries
from preferences.store.erasures import KeptStop
from preferences.store.people import Person

_CALLER: Final = "kept of an erasure"


async def meet_stops(
    connection: Connection, locked: Sequence[Person], records: Mapping[str, Record], *, now: datetime
) -> dict[str, Record]:
    """Return the records that are others by stops that were kept, once these are in the ledger."""
    wanted = {person.person_id: _new_of(person, records[person.person_id]) for person in locked}
    digests = await erasures.digests_of(connection, {text for texts in wanted.values() for text in texts})
    if not digests:
        return {}
    found: dict[str, list[KeptStop]] = {}
    for stop in await erasures.find_stops(connection, digests.values()):
        found.setdefault(stop.digest, []).append(stop)
    after: dict[str, Record] = {}
    for person_id, texts in wanted.items():
        registers = dict(_registers(person_id, texts, digests, found, known=records[person_id]))
        if registers:
            await append_entries(
                connection, carried(person_id, registers, source=SOURCE, caller=_CALLER, heard_at=now)
            )
            record = dict(records[person_id])
            fold_into(record, registers)
            after[person_id] = record
    return after


def _new_of(person: Person, record: Record) -> set[str]:
    """Return what is new of somebody: addresses, and at the first word their id."""
    if not record:
        return set()
    new = set(addresses_of(record)) - set(person.addresses or ())
    return new | ({about_person(person.person_id)} if not person.record else set())


def _registers(
    person_id: str,
    texts: Iterable[str],
    digests: Mapping[str, str],
    found: Mapping[str, Sequence[KeptStop]],
    *,
    known: Record,
) -> Iterable[tuple[str, RegisterValue]]:
    for text in sorted(texts):
        for stop in found.get(digests[text], ()):
            name = f"opt_out {stop.opt_out_id}"
            if name not in known:
                address = None if text == about_person(person_id) else text
                yield name, _register(stop, address=address)


def _register(stop: KeptStop, *, address: str | None) -> RegisterValue:
    """Return the stop as if it had stayed: what lifts it is what would have lifted it."""
    at, heard = moment(stop.at), moment(stop.heard_at)
    out: dict[str, Any] = {
        "opt_out_id": stop.opt_out_id,
        "channel": stop.channel,
        "kind": stop.kind,
        "origin": stop.origin,
        "at": at,
        **({} if address is None else {"address": address}),
    }
    return RegisterValue(Stamp(min(at, heard), SOURCE, stop.opt_out_id, heard), out)
