"""What a person's wishes come to in windows, channels and addresses that deciding knows. Pure."""

from collections.abc import Iterator
from typing import Any, Final, get_args

from schemas.addresses import is_same_address, reaches
from schemas.people import Email, PersonSnapshot, Phone, SafeContact, WeeklyWindow
from schemas.vocabulary import Channel, Weekday

_DAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)


def with_wishes_kept(snapshot: PersonSnapshot) -> PersonSnapshot:
    """Return the snapshot to act on: quiet hours and closed days as windows, one safe way as the only one.

    The wishes stay in it as they were said.
    """
    closed = tuple(_closed(snapshot))
    update: dict[str, Any] = {"inconvenient": (*snapshot.inconvenient, *closed)} if closed else {}
    if snapshot.safe_contact is not None:
        update |= _only_safe(snapshot, snapshot.safe_contact)
    return snapshot.model_copy(update=update) if update else snapshot


def _closed(snapshot: PersonSnapshot) -> Iterator[WeeklyWindow]:
    quiet = snapshot.quiet_hours
    if quiet is not None:
        yield WeeklyWindow(days=_DAYS, begins=quiet.begins, ends=quiet.ends)
    others = tuple(day for day in _DAYS if day not in snapshot.contact_days)
    if snapshot.contact_days and others:
        yield WeeklyWindow(days=others, begins="00:00", ends="24:00")


def _only_safe(snapshot: PersonSnapshot, safe: SafeContact) -> dict[str, Any]:
    """Refuse every channel but the safe one, and keep of its addresses the one that is named."""
    others = [
        channel
        for channel in _CHANNELS
        if channel != safe.channel and channel not in snapshot.refused_channels
    ]
    update: dict[str, Any] = {"refused_channels": (*snapshot.refused_channels, *others)}
    if safe.address is None:
        return update
    if safe.channel == "email":
        emails = tuple(email for email in snapshot.emails if is_same_address(email.address, safe.address))
        told = (Email(address=safe.address, origin="person"),) if reaches("email", safe.address) else ()
        return {**update, "emails": emails or told}
    phones = tuple(phone for phone in snapshot.phones if is_same_address(phone.number, safe.address))
    told_phones = (Phone(number=safe.address, origin="person"),) if reaches("sms", safe.address) else ()
    return {**update, "phones": phones or told_phones}
