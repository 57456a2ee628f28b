"""The whole of what is known of a person, drawn from the record: a pure function of it."""

from collections import defaultdict
from typing import Any, TypeAlias

from preferences.model.record import LINKS_REVOKED, Record, RegisterValue
from schemas.addresses import comparable
from schemas.people import PAUSE

#: Registers of one kind by the rest of their names.
Registers: TypeAlias = dict[str, RegisterValue]

#: What a later consent of the person opens again, wherever the consent is for.
_OPENED_BY_CONSENT = ("opted_out", "complained")


def snapshot_of(person_id: str, record: Record, *, unreadable: bool) -> dict[str, Any]:
    """Return the data of `person.snapshot.v1`, save its version and instant.

    Lists come in an order of their own, so that equal records make equal snapshots.
    """
    by_kind = _by_kind(record)
    profile = {name: register.value for name, register in by_kind["is"].items() if register.value is not None}
    outs = by_kind["opt_out"]
    lifted = {name for name, out in outs.items() if _is_lifted(name, out, record, by_kind["opened"])}
    lifted |= {name for name in by_kind["lifted"] if name not in outs}
    holds = by_kind["hold"]
    pause = record.get("is pause_until", _ended_by_correction(by_kind["corrected"]))
    if pause is not None:
        holds[PAUSE] = _pause(pause)
    revoked = record.get(LINKS_REVOKED)
    return {
        "person_id": person_id,
        **profile,
        **({} if revoked is None else {"links_revoked_at": revoked.stamp.at}),
        "consents": [register.value for register in by_kind["consent"].values()],
        "holds": [holds[name].value for name in sorted(holds) if holds[name].value is not None],
        "number_checks": [register.value for register in by_kind["check"].values()],
        "notices": [register.value for register in by_kind["notice"].values()],
        "opt_outs": [register.value for name, register in outs.items() if name not in lifted],
        "lifted": sorted(lifted),
        "lifted_holds": [name for name in sorted(holds) if holds[name].value is None],
        "unreadable": unreadable,
    }


def _pause(until: RegisterValue) -> RegisterValue:
    """Return the hold that a person's own pause makes, which every reader of holds keeps; lifted with it."""
    if until.value is None:
        return until
    hold = {"hold_id": PAUSE, "kind": "pause", "since": until.stamp.at, "until": until.value}
    return RegisterValue(until.stamp, hold)


def _ended_by_correction(corrections: Registers) -> RegisterValue | None:
    """Return the end of a pause of which nothing is left, where it may be a correction that took it away.

    Whoever keeps a copy lets go of a hold only by its name.
    """
    return next((RegisterValue(correction.stamp, None) for correction in corrections.values()), None)


def _by_kind(record: Record) -> defaultdict[str, Registers]:
    """Return the registers of each kind by the rest of their names, in the order of those."""
    by_kind: defaultdict[str, Registers] = defaultdict(dict)
    for name in sorted(record):
        kind, _, rest = name.partition(" ")
        by_kind[kind][rest] = record[name]
    return by_kind


def _is_lifted(name: str, out: RegisterValue, record: Record, opened: Registers) -> bool:
    by_name = record.get(f"lifted {name}")
    if by_name is not None and by_name.stamp > out.stamp:
        return True
    return any(_opens(place, register, out) for place, register in opened.items())


def _opens(place: str, consents: RegisterValue, opt_out: RegisterValue) -> bool:
    """Tell whether a consent of the person's for a place comes later than this opt-out, and covers it.

    Later means heard later and given later. An address that cannot be reached, or is somebody
    else's, is opened only by a consent for it.
    """
    channel, _, address = place.partition(" ")
    out = opt_out.value
    closed = comparable(out.get("address") or "")
    came_later = any(given > out["at"] and heard > opt_out.stamp.heard for given, heard in consents.value)
    if channel != out["channel"] or not came_later:
        return False
    if out["kind"] in _OPENED_BY_CONSENT:
        return "" in (address, closed) or address == closed
    return address == closed != ""
