"""The whole of what is known of a person, drawn from the record: a pure function of it."""

from collections.abc import Iterator
from typing import Any

from preferences.model.record import LINKS_REVOKED, Record, RegisterValue
from schemas.addresses import comparable
from schemas.people import PAUSE

#: What a later consent of the person opens again, wherever the consent is for.
_OPENED_BY_CONSENT = ("opted_out", "complained")


def snapshot_of(person_id: str, record: Record, *, unreadable: bool) -> dict[str, Any]:
    """Return the data of `person.snapshot.v1`, save its version and instant.

    Lists come in an order of their own, so that equal records make equal snapshots.
    """
    profile = {
        name: register.value for name, register in _of_kind(record, "is") if register.value is not None
    }
    outs = dict(_of_kind(record, "opt_out"))
    lifted = {name for name, out in outs.items() if _is_lifted(name, out, record)}
    lifted |= {name for name, _ in _of_kind(record, "lifted") if name not in outs}
    holds = dict(_of_kind(record, "hold"))
    pause = record.get("is pause_until", _ended_by_correction(record))
    if pause is not None:
        holds[PAUSE] = _pause(pause)
    revoked = record.get(LINKS_REVOKED)
    return {
        "person_id": person_id,
        **profile,
        **({} if revoked is None else {"links_revoked_at": revoked.stamp.at}),
        "consents": [register.value for _, register in _of_kind(record, "consent")],
        "holds": [holds[name].value for name in sorted(holds) if holds[name].value is not None],
        "number_checks": [register.value for _, register in _of_kind(record, "check")],
        "notices": [register.value for _, register in _of_kind(record, "notice")],
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


def _ended_by_correction(record: Record) -> RegisterValue | None:
    """Return the end of a pause of which nothing is left, where it may be a correction that took it away.

    Whoever keeps a copy lets go of a hold only by its name.
    """
    corrections = (register for _, register in _of_kind(record, "corrected"))
    return next((RegisterValue(correction.stamp, None) for correction in corrections), None)


def _of_kind(record: Record, kind: str) -> Iterator[tuple[str, RegisterValue]]:
    """Give the registers of a kind by the rest of their names, in the order of those."""
    for name in sorted(record):
        head, _, rest = name.partition(" ")
        if head == kind:
            yield rest, record[name]


def _is_lifted(name: str, out: RegisterValue, record: Record) -> bool:
    by_name = record.get(f"lifted {name}")
    if by_name is not None and by_name.stamp > out.stamp:
        return True
    return any(_opens(place, register, out) for place, register in _of_kind(record, "opened"))


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
