"""What a choice becomes: the statements that keep it in the ledger, and those that take it back. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from preferences.announcing.events import SOURCE
from preferences.center.opening import OpenLink
from preferences.model.record import withdrawal_of
from preferences.pages.forms import (
    ChannelsForm,
    DisputeForm,
    Form,
    HardshipForm,
    HoursForm,
    LanguageForm,
    NotMeForm,
    PauseForm,
    StopAllForm,
    StopForm,
    TalkForm,
)
from schemas.addresses import is_same_address
from schemas.people import (
    Asked,
    ConsentWithdrawn,
    HoldPlaced,
    OptOut,
    PersonChanged,
    PersonSnapshot,
    QuietHours,
)
from schemas.provenance import Provenance
from schemas.registry import EVENT_TYPES
from schemas.values import EventData
from schemas.vocabulary import AskedKind, Channel, Weekday

#: The source of every event that a page makes.
PAGE: Final = f"{SOURCE}/page"
#: What stopping everything closes: what the page says. Letters may be what a law asks for.
EVERYTHING: Final[tuple[Channel, ...]] = ("sms", "email", "voice")
#: What the person's own act closed, and may open.
OF_THE_PERSON: Final = frozenset({"opted_out", "complained"})
#: How a human is asked, by the form that asks.
ASKS: Final[Mapping[type, AskedKind]] = {
    TalkForm: "call_me",
    HardshipForm: "hardship",
    DisputeForm: "dispute",
    NotMeForm: "wrong_person",
}
#: What lifts a stop by its name, as a START does.
LIFTED: Final = "suppression.lifted.v1"
_EVERY_DAY: Final = 7
_TAKEN_BACK: Final = "taken back on the page"

#: An event to be said, as its type and data.
Undoing = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One statement that a choice becomes, and what takes it back."""

    type: str
    data: EventData
    undoing: Undoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """A choice about to be made: by which link, under which id, and what is known of the person then."""

    choice_id: str
    link: OpenLink
    known: PersonSnapshot
    provenance: Provenance
    now: datetime
    today: date


def statements_of(form: Form, choosing: Choosing) -> list[Said]:
    """Return what a form becomes; nothing where it asks for what is so already."""
    match form:
        case StopForm():
            if is_closed(choosing.known, choosing.link.channel, choosing.link.address):
                return []
            return [_closed(choosing, 0, choosing.link.channel, choosing.link.address)]
        case StopAllForm():
            return [_closed(choosing, number, channel) for number, channel in enumerate(EVERYTHING)]
        case NotMeForm():
            stop = _closed(choosing, 0, choosing.link.channel, choosing.link.address)
            return [stop, _asked(choosing, form, text=form.said)]
        case TalkForm() | HardshipForm() | DisputeForm():
            return [_asked(choosing, form, text=form.said)]
        case ChannelsForm():
            return list(_channels(form, choosing))
        case HoursForm():
            return [_changed(choosing, 0, **_hours(form))]
        case LanguageForm():
            return [_changed(choosing, 0, language=form.language)]
        case PauseForm():
            return [_paused(choosing, form.first_day_after(choosing.today))]
        case _:
            raise ValueError(f"{form.action} is no choice")


def event_id(choice_id: str, number: int) -> str:
    """Return the id of the n-th event of a choice."""
    return f"{choice_id}.{number}"


def hold_id(choice_id: str) -> str:
    """Return the name of the hold by which somebody waits for a human."""
    return f"page:{choice_id}"


def is_closed(known: PersonSnapshot, channel: Channel, address: str | None = None) -> bool:
    """Tell whether nothing may go to an address, or, without one, by a channel at all."""
    return channel in known.refused_channels or any(closing_of(known, channel, address))


def closing_of(known: PersonSnapshot, channel: Channel, address: str | None) -> Iterator[OptOut]:
    """Yield what closes a channel as a whole, and the address where one is given."""
    for opt_out in known.opt_outs:
        is_here = opt_out.address is None or is_same_address(opt_out.address, address)
        if opt_out.channel == channel and is_here:
            yield opt_out


def openable(known: PersonSnapshot, channel: Channel, link: OpenLink) -> list[OptOut]:
    """Return what closes a channel and the person may open on this page; at other addresses others may be."""
    address = link.address if link.channel == channel else None
    return [opt_out for opt_out in closing_of(known, channel, address) if opt_out.kind in OF_THE_PERSON]


def _closed(choosing: Choosing, number: int, channel: Channel, address: str | None = None) -> Said:
    place = {"channel": channel} if address is None else {"channel": channel, "address": address}
    opt_out_id = withdrawal_of(PAGE, event_id(choosing.choice_id, number))
    return Said(
        type="consent.withdrawn.v1",
        data=ConsentWithdrawn.model_validate({**place, "provenance": choosing.provenance}),
        undoing=(LIFTED, {"suppression_id": opt_out_id, **place}),
    )


def _asked(choosing: Choosing, form: Form, *, text: str) -> Said:
    link, name = choosing.link, hold_id(choosing.choice_id)
    asked = Asked(
        kinds=(ASKS[type(form)],), channel=link.channel, address=link.address, text=text, **_when(form)
    )
    placed = HoldPlaced(hold_id=name, kind="with_human", asked=asked, provenance=choosing.provenance)
    return Said(type="hold.placed.v1", data=placed, undoing=("hold.lifted.v1", {"hold_id": name}))


def _when(form: Form) -> dict[str, Any]:
    if not isinstance(form, TalkForm):
        return {}
    return {"day": form.day, "part_of_day": None if form.part == "any" else form.part}


def _changed(choosing: Choosing, number: int, **fields: Any) -> Said:
    name = event_id(choosing.choice_id, number)
    corrected = {"event_source": PAGE, "event_id": name, "reason": _TAKEN_BACK}
    return Said(
        type="person.changed.v1",
        data=PersonChanged(**fields, provenance=choosing.provenance),
        undoing=("statement.corrected.v1", corrected),
    )


def _paused(choosing: Choosing, until: date | None) -> Said:
    """Return a pause. What ends it says so: one that is merely missing still stands for whoever heard it."""
    before = choosing.known.model_dump(mode="json", include={"pause_until"})["pause_until"]
    return replace(
        _changed(choosing, 0, pause_until=until), undoing=("person.changed.v1", {"pause_until": before})
    )


def _channels(form: ChannelsForm, choosing: Choosing) -> Iterator[Said]:
    known, channel = choosing.known, form.channel
    others = tuple(refused for refused in known.refused_channels if refused != channel)
    match form.wish:
        case "stop":
            yield _changed(choosing, 0, refused_channels=(*others, channel))
        case "first":
            rest = tuple(liked for liked in known.preferred_channels if liked != channel)
            yield _changed(choosing, 0, preferred_channels=(channel, *rest))
        case "allow":
            yield _changed(choosing, 0, refused_channels=others)
            for opt_out in openable(known, channel, choosing.link):
                yield _opened(choosing, opt_out)


def _opened(choosing: Choosing, opt_out: OptOut) -> Said:
    place = {"channel": opt_out.channel} | ({"address": opt_out.address} if opt_out.address else {})
    lifted = {"suppression_id": opt_out.opt_out_id, **place}
    return Said(
        type=LIFTED,
        data=data_of(LIFTED, lifted, person_id=choosing.link.person_id, now=choosing.now),
        undoing=("consent.withdrawn.v1", place),
    )


def data_of(type_name: str, data: Mapping[str, Any], *, person_id: str, now: datetime) -> EventData:
    """Return the data of an event that was kept to be said later, now."""
    said_now = {"person_id": person_id, "at": now} if type_name == LIFTED else {}
    return EVENT_TYPES[type_name].model.model_validate({**data, **said_now}, strict=False)


def _hours(form: HoursForm) -> dict[str, Any]:
    """Return the wishes that days and hours are; what is inconvenient besides stays, unless all limits go."""
    if form.any_time:
        return {"contact_days": (), "quiet_hours": None, "convenient": (), "inconvenient": ()}
    days: Sequence[Weekday] = () if len(form.days) == _EVERY_DAY else form.days
    return {"contact_days": tuple(days), "quiet_hours": _quiet(form)}


def _quiet(form: HoursForm) -> QuietHours | None:
    """Return the hours outside of those that were chosen."""
    assert form.begins is not None
    assert form.ends is not None
    begins, ends = form.begins, form.ends
    if (begins, ends) == ("00:00", "24:00"):
        return None
    if ends == "24:00":
        return QuietHours(begins="00:00", ends=begins)
    return QuietHours(begins=ends, ends="24:00" if begins == "00:00" else begins)
