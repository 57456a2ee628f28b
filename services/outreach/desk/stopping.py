"""Stops told by phone or letter, and stops that were recorded by mistake, each with who says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import suppressions as announce_suppressions
from outreach.announcing import touches as announce
from outreach.model.suppression import UNSAFE, Suppression
from outreach.model.words import Channel
from outreach.store import people, suppressions
from outreach.store.changes import people_changed
from outreach.store.digests import digest_nobodys
from outreach.store.suppressions import StandingStop
from schemas.addresses import comparable, reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What was closed: for whom, which channels, and at which address."""

    people: Sequence[str]
    channels: Sequence[Channel]
    address: str | None


#: What reaches an address of each kind.
_REACHES: Final = ((Channel.SMS, Channel.VOICE), (Channel.EMAIL,))


#: As many digits as a number has that is told without its country.
_NATIONAL: Final = range(7, 16)


class UnknownSubject(Exception):
    """Nobody of this id is known, and it is no address: closing it would protect nobody."""

    def __init__(self, subject: str) -> None:
        super().__init__(subject)
        self.subject = subject

    @property
    def lacks_country(self) -> bool:
        """Whether it looks like a number that is told without its country, which names nobody's phone."""
        digits = [sign for sign in self.subject if sign.isdecimal()]
        return len(digits) in _NATIONAL and not set(self.subject) - {*digits, *"+(). -/"}


class NotReached(Exception):
    """Nothing goes to this address by that channel: closing another would not be what was asked for."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self.channel = channel


async def stop(
    subject: str, *, channels: Iterable[Channel], actor: Actor, database: Database, clock: Clock
) -> Stop:
    """Close channels to a person, or an address for everybody who has it, before returning.

    An address closes what reaches it: a number both texts and calls. No channel named is all of them.

    Raises:
        UnknownSubject: it is neither an address nor the id of somebody known.
        NotReached: it is an address that a channel named does not reach.
        DatabaseUnavailable: nothing is bound.
    """
    now, address, named = clock.now(), comparable(subject), set(channels)
    reaching = next((reach for reach in _REACHES if reaches(reach[0], address)), None)
    possible = reaching or tuple(Channel)
    if missed := sorted(named - set(possible)):
        raise NotReached(missed[0])
    async with database.transaction() as connection:
        at_address = address if reaching is not None else None
        found = await people.list_people_at(connection, [address]) if at_address else [subject]
        concerned = await people.lock_people(connection, found)
        if not subject.strip() or (not concerned and at_address is None):
            raise UnknownSubject(subject)
        wanted = tuple(channel for channel in possible if channel in named) or possible
        bound: Sequence[str | None] = concerned or [None]
        name = f"staff-{now:%Y%m%dT%H%M%S.%f}"
        closed = [
            Suppression.opt_out(
                f"{name}:{person or address}:{closed_channel}",
                person_id=person,
                address=at_address,
                channel=closed_channel,
                at=now,
            )
            for person in bound
            for closed_channel in wanted
        ]
        new = await suppressions.record_suppressions(
            connection, closed, origin="staff", by=str(actor), now=now
        )
        for person in bound:
            # No address stands among the acts: a stop at an address is found by whom it closed.
            await acts.record(connection, actor, "stop", subject=person, now=now)
        fresh = [suppression for suppression in closed if suppression.suppression_id in new]
        digests = await digest_nobodys(connection, fresh)
        events = announce_suppressions.closed(fresh, digests=digests, origin="reply", now=now)
        await outbox.append(connection, events, source=announce.SOURCE)
        await people_changed(connection, concerned, now=now, wake=False)
    return Stop(people=concerned, channels=wanted, address=at_address)


async def list_stops(subject: str, *, database: Database) -> list[StandingStop]:
    """Return what closes a channel or an address, by a person's id, an address, or its own id."""
    async with database.reading() as connection:
        return await _stops(connection, subject)


def why_it_stays(stop: StandingStop) -> str | None:
    """Say why a stop cannot be marked as a mistake of ours, and what opens it; None where it can be."""
    if stop.may_be_mistaken:
        return None
    if stop.origin == "unsubscribe":
        return "they closed it themselves, by a link or a button in an email: only they open it again"
    if stop.channel is Channel.SMS:
        return "they closed it at the vendor, which refuses texts to them: they open it by texting START"
    return "they closed it at the vendor, or called a message spam: only they open it again"


def may_stand_at_vendor(stop: StandingStop) -> bool:
    """Tell whether a vendor of texts may keep the same stop: it hears STOP before we do, and asks nobody."""
    return stop.kind == "opted_out" and stop.channel is Channel.SMS and stop.origin == "reply"


async def mark_mistaken(
    stops: Sequence[StandingStop],
    *,
    actor: Actor,
    why: str,
    evidence: str,
    database: Database,
    clock: Clock,
) -> list[str]:
    """Say that these stops were recorded by mistake; return the ids of those that were.

    The record stays, with who found so, why, and by what evidence; it binds nobody any more. What a person
    closed with their own hand, at a link or at a vendor, is no mistake of ours and stays closed.
    """
    now = clock.now()
    async with database.transaction() as connection:
        addresses = {stop.address for stop in stops if stop.address is not None}
        named = {stop.person_id for stop in stops if stop.person_id is not None}
        concerned = await people.list_people_at(connection, addresses)
        await people.lock_people(connection, named | set(concerned))
        opened = await suppressions.mark_mistaken(
            connection,
            [stop.suppression_id for stop in stops],
            by=str(actor),
            why=why,
            evidence=evidence,
            now=now,
        )
        for suppression in opened:
            subject = suppression.suppression_id
            reason = f"{why} (evidence: {evidence})"
            await acts.record(connection, actor, "unstop", subject=subject, reason=reason, now=now)
        shown = [suppression for suppression in opened if suppression.kind != UNSAFE]
        digests = await digest_nobodys(connection, shown)
        events = announce_suppressions.opened(shown, digests=digests, now=now)
        await outbox.append(connection, events, source=announce.SOURCE)
        await people_changed(connection, named | set(concerned), now=now, wake=True)
    return [suppression.suppression_id for suppression in opened]


async def _stops(connection: Connection, subject: str) -> list[StandingStop]:
    return await suppressions.list_stops_of(
        connection, comparable(subject) if "@" in subject or subject.startswith("+") else subject
    )
