"""Take out: the ledger as lines of JSON, in the form that `preferences import` reads."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from foundation.clock import Clock
from foundation.database import Database
from preferences.model.entry import CARRIED, Entry
from preferences.model.record import CORRECTABLE
from preferences.store import people
from preferences.store.entries import read_entries
from schemas.provenance import PersonEvent
from schemas.registry import EVENT_TYPES
from schemas.vocabulary import SuppressionOrigin

_PAGE = 500
_CORRECTION = "statement.corrected.v1"


async def take_out(
    *, database: Database, clock: Clock, person_id: str | None = None
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield a line for each entry of everybody, or of one person, in the order in which it was heard."""
    after = ""
    while True:
        async with database.reading() as connection:
            if person_id is not None:
                names = [person_id]
            else:
                page = await people.list_people(connection, after=after, limit=_PAGE, now=clock.now())
                names = [person.person_id for person in page]
            entries = await read_entries(connection, names)
        for name in names:
            for entry in _standing(entries.get(name, ())):
                if person_id is None and _stands_elsewhere(entry):
                    continue
                for line in _lines(entry):
                    yield line
        if person_id is not None or not names:
            return
        after = names[-1]


def _standing(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the entries that nobody corrected: a correction names events by what they were called here."""
    corrections = [entry.data for entry in entries if entry.type == _CORRECTION]
    corrected = {(data["event_source"], data["event_id"]) for data in corrections}
    for entry in entries:
        wrong = (entry.source, entry.event_id) in corrected and entry.type in CORRECTABLE
        if not wrong and entry.type != _CORRECTION:
            yield entry


def _stands_elsewhere(entry: Entry) -> bool:
    """Tell whether the other of two ids has this entry too, and comes first."""
    return bool(entry.data.get("other_id", entry.person_id) < entry.person_id)


def _lines(entry: Entry) -> Iterator[Mapping[str, Any]]:
    if entry.type == CARRIED:
        register = entry.data["register"]
        said = _said_by_register(register["name"], register["value"])
        if said is not None:
            type_name, data = said
            data = {name: part for name, part in data.items() if name != "said_of"}
            yield _line(entry, type_name, data)
        return
    # The line names the person already.
    data = {name: part for name, part in entry.data.items() if name != "person_id"}
    if issubclass(EVENT_TYPES[entry.type].model, PersonEvent):
        provenance = {"by": entry.said_by, "way": entry.way, "evidence": list(entry.evidence)}
        data["provenance"] = provenance | ({"speaker": entry.speaker} if entry.speaker else {})
    yield _line(entry, entry.type, data)


def _line(entry: Entry, type_name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "person_id": entry.person_id,
        "type": type_name,
        "time": _written(entry.happened_at),
        "data": data,
    }


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _said_by_register(name: str, value: Any) -> tuple[str, Mapping[str, Any]] | None:
    """Return the event that sets a register of an earlier release; None of what follows from others."""
    kind, _, rest = name.partition(" ")
    match kind:
        case "is":
            return "person.changed.v1", {rest: value}
        case "consent":
            return "consent.granted.v1", {field: part for field, part in value.items() if field != "heard_at"}
        case "hold" if value is None:
            return "hold.lifted.v1", {"hold_id": rest}
        case "hold":
            return "hold.placed.v1", value
        case "check":
            return "number.checked.v1", value
        case "notice":
            return "notice.posted.v1", value
        case "opt_out":
            return _closing(value)
        case _:
            return None


def _closing(value: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    out = {field: part for field, part in value.items() if field != "opt_out_id"}
    if value.get("origin") in get_args(SuppressionOrigin):
        return "suppression.recorded.v1", {**out, "suppression_id": value["opt_out_id"]}
    return "consent.withdrawn.v1", {
        field: part for field, part in out.items() if field in {"channel", "address"}
    }
