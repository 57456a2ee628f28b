"""Erasing somebody, and taking them in again: said by staff, looked at first, and on record."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

import msgspec
import structlog
from pydantic import TypeAdapter, ValidationError

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Connection, Database
from preferences.announcing.erasures import erased as announce_erased
from preferences.announcing.events import SOURCE
from preferences.desk.changing import Change, ChangeRefused, NothingThere, change_within
from preferences.ledger.circles import Erased, lock_circles
from preferences.ledger.forget import forget
from preferences.ledger.tell import publish_changed, version_after
from preferences.model.close_ids import ids_close_to
from preferences.model.entry import carried
from preferences.model.erasure import left_closed, legal_holds, stops_of
from preferences.model.record import Record, RegisterValue, Stamp, fold_into, moment
from preferences.store import erasures, people
from preferences.store.entries import append_entries
from preferences.store.erasures import Goes
from preferences.store.people import Person
from schemas.envelope import Event
from schemas.people import PersonReturned
from schemas.provenance import Provenance
from schemas.values import Id

log = structlog.get_logger(__name__)

#: What becomes of the other ids of the person: they are erased too, or stay, as closed as they were.
Others = Literal["erase", "keep"]

_COMMAND: Final = "/preferences/command"
_ID: Final = TypeAdapter[str](Id)
#: More would be a list to pick from, and no question.
_MOST_CLOSE: Final = 5


class ErasureRefused(ChangeRefused):
    """Somebody may not be erased as it stands; `problem` says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldGo:
    """What erasing one id would delete, how many of its stops would stay as digests, and what forbids it."""

    person_id: str
    goes: Goes
    stops: int
    forbids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What erasing a person comes to: ids that go, and other ids of theirs that stay.

    Of somebody `not_known_here` nothing goes here: outreach and other systems are told to forget them.
    """

    going: Sequence[WouldGo]
    staying: Sequence[str]
    not_known_here: bool = False

    @property
    def forbids(self) -> list[str]:
        """Every reason why it may not be done."""
        return [why for one in self.going for why in one.forbids]


async def look_at_erasure(
    person_id: str, *, others: Others | None, not_known_here: bool = False, database: Database, clock: Clock
) -> Erasure:
    """Return what erasing a person would come to; nothing is changed, and nobody is locked.

    `not_known_here` as in `erase`.

    Raises:
        Erased: they are erased already, and have not returned.
    """
    now = clock.now()
    async with database.reading() as connection:
        if unknown := await _of_nobody_known(connection, person_id, is_said=not_known_here, now=now):
            return unknown
        circle = await people.read_circles(connection, [person_id])
        known = await people.find_people(connection, circle, now=now)
        return await _look(connection, person_id, known, others=others, now=now)


async def erase(
    person_id: str,
    *,
    reason: str,
    others: Others | None,
    not_known_here: bool = False,
    actor: Actor,
    database: Database,
    clock: Clock,
) -> Erasure:
    """Erase a person: it is committed when this returns, and told to whoever keeps a copy.

    `not_known_here`: nothing was ever said of them here, so whoever orders it knows that only others, such
    as outreach, hold something. Without that an id that nobody has is taken for a slip.

    Raises:
        Erased: they are erased already, and have not returned.
        ErasureRefused: a hold forbids it, nobody said what becomes of their other ids, or the id is known, or
            not, against what was said; nothing is done.
    """
    now = clock.now()
    async with database.transaction() as connection:
        await people.hold_circles(connection, joining=True)
        unknown = await _of_nobody_known(connection, person_id, is_said=not_known_here, now=now)
        if unknown is not None and unknown.forbids:
            raise ErasureRefused("; ".join(unknown.forbids))
        circle = await lock_circles(connection, [person_id], joining=True, now=now)
        found = unknown or await _look(connection, person_id, circle, others=others, now=now)
        if found.forbids:
            raise ErasureRefused("; ".join(found.forbids))
        names = {one.person_id for one in found.going}
        going = [person for person in circle if person.person_id in names]
        staying = [person for person in circle if person.person_id not in names]
        told = await erasures.list_versions(connection, names)
        versions = {
            person.person_id: version_after(max(person.version, told.get(person.person_id, 0)), now=now)
            for person in going
        }
        await _leave_closed(connection, staying, going, now=now)
        forgotten = await forget(connection, going, versions=versions, now=now)
        news = [announce_erased(one.person_id, one.stops, version=one.version, now=now) for one in forgotten]
        await outbox.append(connection, news, source=SOURCE)
        for one in forgotten:
            await acts.record(connection, actor, "erase", subject=one.person_id, reason=reason, now=now)
    log.info("erased", person_id=person_id, ids=len(forgotten))
    return found


async def readmit(person_id: str, *, reason: str, actor: Actor, database: Database, clock: Clock) -> None:
    """Say that a new relationship begins with somebody who was erased: what is said of them counts again.

    Raises:
        NothingThere: nobody of this id is erased.
    """
    now = clock.now()
    data = PersonReturned(reason=reason, provenance=Provenance(by="agent", speaker=actor.name))
    event = Event(
        id=sha256(f"readmit {person_id} {now.isoformat()}".encode()).hexdigest()[:40],
        source=_COMMAND,
        type="person.returned.v1",
        time=now,
        person_id=person_id,
        data=data,
    )
    async with database.transaction() as connection:
        await people.hold_circles(connection, joining=False)
        if not await erasures.find_standing(connection, [person_id]):
            raise NothingThere(f"nobody erased is known as {person_id}")
        await erasures.note_returned(connection, [person_id], now=now)
        change = Change(event=event, digest=event.digest)
        await change_within(connection, change, caller=str(actor), way="command", now=now)
        await acts.record(connection, actor, "readmit", subject=person_id, reason=reason, now=now)
    log.info("readmitted", person_id=person_id)


async def _of_nobody_known(
    connection: Connection, person_id: str, *, is_said: bool, now: datetime
) -> Erasure | None:
    """Return what erasing an id comes to that nobody is known by; None where somebody is.

    Raises:
        Erased: they are erased already, and have not returned.
        ErasureRefused: somebody is known by it, though it `is_said` that nobody is.
    """
    for since in (await erasures.find_standing(connection, [person_id])).values():
        raise Erased(person_id, since=since)
    if await people.find_person(connection, person_id, now=now) is not None:
        if is_said:
            raise ErasureRefused(f"{person_id} is known here: leave out --not-known-here, and look first")
        return None
    goes = await erasures.count_rows(connection, person_id)
    forbids = [why async for why in _why_not_unknown(connection, person_id, is_said=is_said)]
    would_go = WouldGo(person_id=person_id, goes=goes, stops=0, forbids=forbids)
    return Erasure(going=[would_go], staying=[], not_known_here=True)


async def _why_not_unknown(connection: Connection, person_id: str, *, is_said: bool) -> AsyncIterator[str]:
    """Say why an id by which nobody is known is not erased, with those that may have been meant."""
    try:
        _ID.validate_json(msgspec.json.encode(person_id))
    except ValidationError:
        yield "this is no id: it is longer than 200 signs, or holds spaces or signs that nobody sees"
        return
    if is_said:
        return
    close = await people.list_known(connection, ids_close_to(person_id), limit=_MOST_CLOSE)
    meant = f" (did you mean {' or '.join(close)}?)" if close else ""
    yield (
        f"preferences knows nobody by the id {person_id}{meant}: if outreach or another system does, say"
        " --not-known-here, and they are told to forget it"
    )


async def _look(
    connection: Connection,
    person_id: str,
    circle: Sequence[Person],
    *,
    others: Others | None,
    now: datetime,
) -> Erasure:
    by_name = {person.person_id: person for person in circle}
    beside = sorted(set(by_name) - {person_id})
    names = [person_id, *beside] if others == "erase" else [person_id]
    going = [await _would_go(connection, by_name[name], now=now) for name in names]
    if beside and others is None:
        named = " and ".join(beside)
        problem = (
            f"{person_id} is the same person as {named}: say --others erase to erase all of them, or"
            f" --others keep to leave {named} as closed as they are, without what was known of {person_id}"
        )
        going[0] = WouldGo(
            person_id=person_id,
            goes=going[0].goes,
            stops=going[0].stops,
            forbids=[*going[0].forbids, problem],
        )
    return Erasure(going=going, staying=[name for name in beside if name not in names])


async def _would_go(connection: Connection, person: Person, *, now: datetime) -> WouldGo:
    stops = stops_of(person.person_id, person.record, addresses=person.addresses or ())
    return WouldGo(
        person_id=person.person_id,
        goes=await erasures.count_rows(connection, person.person_id),
        stops=len(stops),
        forbids=[
            f"{person.person_id} is under the hold {hold_id} ({kind}), for which what is known may be needed:"
            " it is lifted by its name when that is over"
            for hold_id, kind in legal_holds(person.person_id, person.record, now=now)
        ],
    )


async def _leave_closed(
    connection: Connection, staying: Sequence[Person], going: Sequence[Person], *, now: datetime
) -> None:
    """Have other ids of the person stay as closed as they were, without what was known of those that go."""
    if not staying:
        return
    gone = {person.person_id: person.record for person in going}
    stamp = Stamp(moment(now), SOURCE, f"erasure {moment(now)}", moment(now))
    records: dict[str, Record] = {}
    for person in staying:
        closed = left_closed(
            person.person_id, person.record, gone, addresses=person.addresses or (), stamp=stamp
        )
        closed = _of_ids_it_named(person.record, closed)
        entries = carried(
            person.person_id,
            closed,
            source=SOURCE,
            caller=f"erased {' '.join(sorted(gone))}"[:200],
            heard_at=now,
        )
        await append_entries(connection, entries)
        record = dict(person.record)
        fold_into(record, closed)
        records[person.person_id] = record
    await publish_changed(connection, staying, records, now=now)


def _of_ids_it_named(record: Record, closed: Mapping[str, RegisterValue]) -> dict[str, RegisterValue]:
    """Leave out that ids are others of which the record never said that they were the same."""
    return {
        name: value for name, value in closed.items() if not name.startswith("same_as ") or name in record
    }
