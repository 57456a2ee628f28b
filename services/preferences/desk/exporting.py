"""Everything kept of one person here: what is known, who said what, what was chosen, done and kept aside."""

from datetime import datetime
from typing import Any, Final

import msgspec

from foundation import acts, quarantine
from foundation.database import Connection
from foundation.quarantine_listing import tell_record
from preferences.desk.asking import read_people
from preferences.store import choices, erasures, light_checks
from preferences.store.entries import read_entries

#: More than anybody does about one person.
_ALL_ACTS: Final = 100_000


async def export_person(connection: Connection, person_id: str, *, now: datetime) -> dict[str, Any] | None:
    """Return everything kept of a person, or None where nothing is.

    What was said and corrected later is among it, with the correction.
    """
    known = await read_people(connection, [person_id], now=now)
    entries = (await read_entries(connection, [person_id])).get(person_id, [])
    kept_aside = await quarantine.list_of(connection, person_id)
    erased = await erasures.find_erasure(connection, person_id)
    if not (known or entries or kept_aside or erased):
        return None
    done = await acts.list_acts(connection, subject=person_id, limit=_ALL_ACTS)
    check = await light_checks.find_count(connection, person_id)
    return {
        "person_id": person_id,
        "known": known[0].data if known else None,
        "said": [_told(msgspec.to_builtins(entry)) for entry in entries],
        "chosen_on_pages": await choices.list_choices_of(connection, person_id),
        "links_to": sorted(await erasures.list_linked_addresses(connection, [person_id])),
        "wrong_answers_to_the_light_check": None if check is None else msgspec.to_builtins(check),
        "kept_aside": [tell_record(kept) for kept in kept_aside],
        "acts": [msgspec.to_builtins(act) for act in done],
        "erased": None if erased is None else msgspec.to_builtins(erased),
    }


def _told(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without the id, which stands above all of them."""
    data = {name: part for name, part in entry["data"].items() if name != "person_id"}
    return {name: part for name, part in entry.items() if name not in {"person_id", "data"}} | {"data": data}
