"""One person under several ids: what is known of each, with all that closes any of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args
from uuid import UUID, uuid5

from preferences.model.record import Record, RegisterValue, Stamp
from preferences.model.snapshot import snapshot_of
from schemas.vocabulary import Channel, Weekday

#: The namespace of holds as they are told under another id; changing it would rename them.
_HOLDS: Final = UUID("5b2c9a1e-8a0f-4c55-9a53-0d7c7f6b3a11")
_ELSEWHERE: Final = "same_as:"
_DAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
_NEVER: Final = [{"days": list(_DAYS), "begins": "00:00", "ends": "24:00"}]
#: What a snapshot takes of each; more than that closes every hour, for no part may be dropped.
_MOST_WINDOWS: Final = 50
#: Nobody has more ids. Where more are said to be one person a feed is wrong: nobody is contacted meanwhile.
MOST_IDS: Final = 20
_MOST_PLACES: Final = {"addresses": 50, "zones": 20}
#: What the person states of what is inconvenient to them; it is kept as a part of their profile.
_CLOSING_WISHES: Final = ("refused_channels", "inconvenient", "safe_contact")


def others_of(record: Record) -> list[str]:
    """Return the ids of which it was said that they are the same person, and not that they are another."""
    return sorted(
        name.removeprefix("same_as ")
        for name, register in record.items()
        if name.startswith("same_as ") and register.value is not None
    )


def circles_of(records: Mapping[str, Record]) -> dict[str, set[str]]:
    """Return, for each of these people, all ids among them that are the same person, their own included."""
    circle_of: dict[str, set[str]] = {person_id: {person_id} for person_id in records}
    for person_id, record in records.items():
        for other in others_of(record):
            if other in circle_of and other not in circle_of[person_id]:
                joined = circle_of[person_id] | circle_of[other]
                circle_of.update(dict.fromkeys(joined, joined))
    return circle_of


def joined_snapshot(
    person_id: str, record: Record, others: Mapping[str, Record], *, unreadable: bool
) -> dict[str, Any]:
    """Return the data of a person's snapshot, with what closes them under their `others`.

    The strictest counts: whatever any of them has closed is closed, at whatever hour one of them wishes
    no contact there is none. Addresses and consents stay those of the id.
    """
    own = snapshot_of(person_id, record, unreadable=unreadable)
    if not others:
        return own
    if len(others) >= MOST_IDS:
        return own | {"inconvenient": _NEVER}
    seen = {other: snapshot_of(other, others[other], unreadable=False) for other in sorted(others)}
    opt_outs = _opt_outs(own, seen)
    standing = {out["opt_out_id"] for out in opt_outs}
    lifted = {name for snapshot in (own, *seen.values()) for name in snapshot["lifted"]}
    joined = {
        **own,
        **_wishes(own, seen),
        **_places(own, seen),
        "number_checks": _checks(own, seen),
        "opt_outs": opt_outs,
        "lifted": sorted(lifted - standing),
        "holds": _holds(own, seen),
        "lifted_holds": sorted(
            [
                *own["lifted_holds"],
                *(
                    name if name.startswith(_ELSEWHERE) else _hold_of(other, name)
                    for other in seen
                    for name in seen[other]["lifted_holds"]
                ),
            ]
        ),
        "same_as": list(seen),
        "other_numbers": sorted(
            {phone["number"] for snapshot in seen.values() for phone in snapshot.get("phones", ())}
        ),
    }
    overflows = len(joined.get("inconvenient", ())) > _MOST_WINDOWS or any(
        len(joined.get(name, ())) > most for name, most in _MOST_PLACES.items()
    )
    if overflows:
        places = {name: joined.get(name, [])[:most] for name, most in _MOST_PLACES.items()}
        joined |= places | {"inconvenient": _NEVER}
    return joined


def kept_closed(person_id: str, record: Record, lost: Mapping[str, Record], *, stamp: Stamp) -> Record:
    """Return the registers by which all that `lost` closed for a person stays closed once they are others.

    They count as said at the separation, so that nothing heard before it opens any of it. More ids than one
    person has closed nothing for good.
    """
    if len(lost) >= MOST_IDS:
        return {}
    own = snapshot_of(person_id, record, unreadable=False)
    joined = joined_snapshot(person_id, record, lost, unreadable=False)
    opt_outs = {out["opt_out_id"] for out in own["opt_outs"]}
    holds = {hold["hold_id"] for hold in own["holds"]}
    closed: dict[str, Any] = {
        **{
            f"opt_out {out['opt_out_id']}": out
            for out in joined["opt_outs"]
            if out["opt_out_id"] not in opt_outs
        },
        **{f"hold {hold['hold_id']}": hold for hold in joined["holds"] if hold["hold_id"] not in holds},
        **{f"is {name}": joined[name] for name in _CLOSING_WISHES if joined.get(name) != own.get(name)},
    }
    return {name: RegisterValue(stamp, value) for name, value in closed.items()}


def _opt_outs(own: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    outs = {out["opt_out_id"]: out for out in own["opt_outs"]}
    for other, snapshot in seen.items():
        for out in snapshot["opt_outs"]:
            outs.setdefault(out["opt_out_id"], {**out, "said_of": other})
    return [outs[name] for name in sorted(outs)]


def _holds(own: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return all holds; those of another id bear names of their own, for two ids may use one name for two."""
    holds = {hold["hold_id"]: hold for hold in own["holds"]}
    for other, snapshot in seen.items():
        for hold in snapshot["holds"]:
            # One kept at a separation has its name for good: joined and separated often, it stays one.
            said_of = hold.get("said_of")
            name = hold["hold_id"] if said_of else _hold_of(other, hold["hold_id"])
            holds.setdefault(name, {**hold, "hold_id": name, "said_of": said_of or other})
    return [holds[name] for name in sorted(holds)]


def _hold_of(person_id: str, hold_id: str) -> str:
    return f"{_ELSEWHERE}{uuid5(_HOLDS, f'{person_id} {hold_id}')}"


def _wishes(own: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the wishes that close something, of all ids together; where none has any, none of them."""
    refused = dict.fromkeys(own.get("refused_channels") or ())
    inconvenient = list(own.get("inconvenient") or ())
    needs = dict.fromkeys(own.get("accessibility") or ())
    safe = [own["safe_contact"]] if own.get("safe_contact") else []
    for snapshot in seen.values():
        refused |= dict.fromkeys(snapshot.get("refused_channels") or ())
        needs |= dict.fromkeys(snapshot.get("accessibility") or ())
        inconvenient += [window for window in _closed(snapshot) if window not in inconvenient]
        if (way := snapshot.get("safe_contact")) and way not in safe:
            safe.append(way)
    if len(safe) > 1:
        # Each of them is the only safe one: none is.
        refused = dict.fromkeys(_CHANNELS)
    found = {
        "refused_channels": list(refused),
        "inconvenient": inconvenient,
        "safe_contact": safe[0] if safe else None,
        "accessibility": list(needs),
    }
    return {name: value for name, value in found.items() if value}


def _closed(snapshot: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the windows of the week in which a snapshot allows nothing, however it says so."""
    yield from snapshot.get("inconvenient") or ()
    if quiet := snapshot.get("quiet_hours"):
        yield {"days": list(_DAYS), "begins": quiet["begins"], "ends": quiet["ends"]}
    if open_days := snapshot.get("contact_days"):
        others = [day for day in _DAYS if day not in open_days]
        if others:
            yield {"days": others, "begins": "00:00", "ends": "24:00"}
    if convenient := snapshot.get("convenient"):
        yield from _outside(convenient)


def _outside(windows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the windows of the week that none of these covers, day by day."""
    minutes = [False] * (7 * 1440)
    for window in windows:
        begins, ends = _minute(window["begins"]), _minute(window["ends"])
        for day in window["days"]:
            first = _DAYS.index(day) * 1440
            for minute in range(first + begins, first + ends + (1440 if ends <= begins else 0)):
                minutes[minute % len(minutes)] = True
    for place, day in enumerate(_DAYS):
        of_day = minutes[place * 1440 : (place + 1) * 1440]
        for begins, ends in _gaps(of_day):
            yield {"days": [day], "begins": _clock(begins), "ends": _clock(ends)}


def _gaps(covered: Sequence[bool]) -> Iterator[tuple[int, int]]:
    begins: int | None = None
    for minute, is_covered in enumerate([*covered, True]):
        if not is_covered and begins is None:
            begins = minute
        elif is_covered and begins is not None:
            yield begins, minute
            begins = None


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _places(own: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return where the person may be; of another id's addresses as much as says where they are."""
    addresses, zones = list(own.get("addresses") or ()), list(own.get("zones") or ())
    for snapshot in seen.values():
        for address in snapshot.get("addresses") or ():
            place = {name: part for name, part in address.items() if name != "lines"}
            addresses += [place] if place not in addresses else []
        zones += [zone for zone in snapshot.get("zones") or () if zone not in zones]
    found = {"addresses": addresses, "zones": zones}
    return {name: places for name, places in found.items() if places}


def _checks(own: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the checks of each number; of another id's only that it is somebody else's by now."""
    checks = {check["number"]: check for check in own["number_checks"]}
    for snapshot in seen.values():
        for check in snapshot["number_checks"]:
            known = checks.get(check["number"])
            if check["result"] == "reassigned" and (known is None or known["at"] < check["at"]):
                checks[check["number"]] = check
    return [checks[number] for number in sorted(checks)]
