"""What erasing somebody leaves: their stops, and nothing of what they are; and what forbids it. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, get_args

from preferences.model.record import Record, RegisterValue, Stamp, moment
from preferences.model.same_person import kept_closed
from preferences.model.snapshot import snapshot_of
from schemas.addresses import comparable, reaches
from schemas.vocabulary import Channel

#: Holds under which what is known may be evidence: erasing it would take something from whoever relies on it.
#: A plain `hold` names no kind, so nobody can tell that it is none of these.
LEGAL_HOLDS: Final = frozenset(
    {"hold", "dispute", "attorney_represented", "bankruptcy", "co_debtor_bankruptcy"}
)
_CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
_LONGEST_NAME: Final = 150
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop as it is kept of somebody erased. `about` is the address that it closes, or the person's own id.

    `of_channel`: it closed the channel, this address among others. `at` and `heard` are when it was said and
    heard, as `moment` writes them.
    """

    opt_out_id: str
    about: str
    of_channel: bool
    channel: str
    kind: str
    origin: str
    at: str
    heard: str


def about_person(person_id: str) -> str:
    """Return what a stop is about that closes a channel, whatever the address. No address is written so."""
    return f"person {person_id}"


def legal_holds(person_id: str, record: Record, *, now: datetime) -> list[tuple[str, str]]:
    """Return the name and kind of each hold that stands and forbids that the person is erased."""
    holds = snapshot_of(person_id, record, unreadable=False)["holds"]
    return [
        (hold["hold_id"], hold["kind"])
        for hold in holds
        if hold["kind"] in LEGAL_HOLDS and not _is_over(hold, now=now)
    ]


def stops_of(person_id: str, record: Record, *, addresses: Collection[str]) -> list[Stop]:
    """Return the stops that stand of a person: of each address, and of each channel for their id.

    What closes a channel closes every address of it: whoever has one of them later is not reached by it.
    Whoever asked that all contact cease has asked it of every address.
    """
    snapshot = snapshot_of(person_id, record, unreadable=False)
    stops: dict[tuple[str, str], Stop] = {}
    for out in snapshot["opt_outs"]:
        heard = record[f"opt_out {out['opt_out_id']}"].stamp.heard
        for stop in _kept(person_id, out, heard=heard, addresses=addresses):
            stops[stop.opt_out_id, stop.about] = stop
    for hold in snapshot["holds"]:
        if hold["kind"] == "cease_communication":
            for channel in _CHANNELS:
                out = {
                    "opt_out_id": f"{hold['hold_id'][:_LONGEST_NAME]}:{channel}",
                    "channel": channel,
                    "kind": "opted_out",
                    "origin": "withdrawal",
                    "at": _instant(hold.get("since")),
                }
                heard = record[f"hold {hold['hold_id']}"].stamp.heard
                for stop in _kept(person_id, out, heard=heard, addresses=addresses):
                    stops[stop.opt_out_id, stop.about] = stop
    return [stops[key] for key in sorted(stops)]


def left_closed(
    person_id: str,
    record: Record,
    erased: Mapping[str, Record],
    *,
    addresses: Collection[str],
    stamp: Stamp,
) -> dict[str, RegisterValue]:
    """Return the registers by which all stays closed for an id whose other ids are `erased`.

    Nothing of it names an address that is not the id's own; where that was the only safe way, none is.
    """
    kept: dict[str, RegisterValue] = {f"same_as {other}": RegisterValue(stamp, None) for other in erased}
    for name, register in kept_closed(person_id, record, erased, stamp=stamp).items():
        kind, value = name.partition(" ")[0], dict_or_none(register.value)
        address = value.get("address") if value else None
        theirs = address is not None and comparable(address) not in addresses
        if value is not None:
            value.pop("said_of", None)
        if kind == "opt_out" and theirs:
            continue
        if name == "is safe_contact" and theirs:
            kept["is refused_channels"] = RegisterValue(stamp, list(_CHANNELS))
        elif not (name == "is refused_channels" and name in kept):
            kept[name] = register._replace(value=register.value if value is None else value)
    return kept


def dict_or_none(value: Any) -> dict[str, Any] | None:
    return dict(value) if isinstance(value, Mapping) else None


def _kept(
    person_id: str, out: Mapping[str, Any], *, heard: str, addresses: Collection[str]
) -> Iterator[Stop]:
    named = out.get("address")
    reached = [] if out["channel"] == "post" else [a for a in addresses if reaches(out["channel"], a)]
    closed = [comparable(named)] if named else sorted(reached)
    about = [*closed, *([] if named else [about_person(person_id)])]
    for place in about:
        yield Stop(
            opt_out_id=out["opt_out_id"],
            about=place,
            of_channel=not named and place in addresses,
            channel=out["channel"],
            kind=out["kind"],
            origin=out["origin"],
            at=out["at"],
            heard=heard,
        )


def _is_over(hold: Mapping[str, Any], *, now: datetime) -> bool:
    """Tell whether a hold has ended, everywhere on earth."""
    ends = [_edge(hold["until"])] if hold.get("until") else []
    if hold.get("days") and hold.get("since"):
        ends.append(_edge(hold["since"]) + timedelta(days=hold["days"]))
    return bool(ends) and min(ends) + _A_DAY < now


def _edge(written: str) -> datetime:
    if len(written) == len("2026-03-02"):
        return datetime.fromisoformat(f"{date.fromisoformat(written).isoformat()}T00:00:00+00:00")
    return datetime.fromisoformat(written)


def _instant(since: str | None) -> str:
    return moment(_edge(since)) if since else moment(datetime.fromisoformat("1970-01-01T00:00:00+00:00"))
