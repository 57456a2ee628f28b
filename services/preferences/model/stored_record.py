"""Records as they are stored, older ones among them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from preferences.model.record import Record, RegisterValue, Stamp, latest_of, moment
from schemas.addresses import comparable


def read_record(stored: Mapping[str, Sequence[Any]], *, now: datetime) -> Record:
    """Return the record that was stored as these [stamp, value] pairs by name.

    Before 0.2 no hearing was kept: whatever was said counts as heard when it was so. Addresses were
    spelled as they came, so what is about one address in two spellings becomes one. A consent
    stamped ahead opens nothing any more, for nobody knows when it was heard.
    """
    registers: dict[str, RegisterValue] = {}
    for name, (stamp, value) in stored.items():
        read = _register(name, stamp, value, now=moment(now))
        if read is not None:
            place = _canonical_name(name)
            registers[place] = latest_of(place, registers.get(place), read)
    return registers


def _register(name: str, stamp: Sequence[str], value: Any, *, now: str) -> RegisterValue | None:
    if len(stamp) == len(Stamp._fields):
        return RegisterValue(Stamp(*stamp), value)
    at, source, event_id = stamp
    if name.startswith("opened "):
        return None if at > now else RegisterValue(Stamp(at, source, event_id, at), [[value, at]])
    heard = min(at, now)
    if name.startswith("check ") and at > now:
        value = {**value, "at": now}
    return RegisterValue(Stamp(heard, source, event_id, heard), value)


def _canonical_name(name: str) -> str:
    kind, _, rest = name.partition(" ")
    match kind:
        case "check":
            return f"check {comparable(rest)}"
        case "opened":
            channel, _, address = rest.partition(" ")
            return f"opened {channel} {comparable(address)}"
        case "consent":
            channel, _, place = rest.partition(" ")
            address, _, basis = place.rpartition(" ")
            return f"consent {channel} {comparable(address)} {basis}"
        case _:
            return name
