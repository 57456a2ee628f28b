"""Erasing somebody, and taking them in again: said by staff, looked at first, and on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

import structlog

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Connection, Database
from preferences.announcing.erasures import erased as announce_erased
from preferences.announcing.events import SOURCE
from preferences.desk.changing import Change, ChangeRefused, NothingThere, change_within
from preferences.ledger.circles import lock_circles
from preferences.ledger.forget import forget
from preferences.ledger.tell import publish_changed, version_after
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

log = structlog.get_logger(__name__)

#: What becomes of the other ids of the person: they are erased too, or stay, as closed as they were.
Others = Literal["erase", "keep"]

_COMMAND: Final = "/preferences/command"


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
    """What erasing a person comes to: ids that go, and other ids of theirs that stay."""

    going: Sequence[WouldGo]
    staying: Sequence[str]

    @property
    def forbids(self) -> list[str]:
        """Every reason why it may not be done."""
        return [why for one in self.going for why in one.forbids]


async def look_at_erasure(
    person_id: str, *, others: Others | None, database: Database, clock: Clock
) -> Erasure:
    """Return what erasing a person would come to; nothing is changed, and nobody is locked.

    Raises:
        NothingThere: nobody is known under this id.
    """
    now = clock.now()
    async with database.reading() as connection:
        circle = await people.read_circles(connection, [person_id])
        known = await people.find_people(connection, circle, now=now)
        return await _look(connection, person_id, known, others=others, now=now)


async def erase(
    person_id: str, *, reason: str, others: Others | None, actor: Actor, database: Database, clock: Clock
) -> Erasure:
    """Erase a person: it is committed when this returns, and told to whoever keeps a copy.

    Raises:
        NothingThere: nobody is known under this id.
        ErasureRefused: a hold forbids it, or nobody said what becomes of their other ids; nothing is done.
    """
    now = clock.now()
    async with database.transaction() as connection:
        if await people.find_person(connection, person_id, now=now) is None:
            raise NothingThere(f"nobody is known as {person_id}")
        circle = await lock_circles(connection, [person_id], joining=True, now=now)
        found = await _look(connection, person_id, circle, others=others, now=now)
        if found.forbids:
            raise ErasureRefused("; ".join(found.forbids))
        names = {one.person_id for one in found.going}
        going = [person for person in circle if person.person_id in names]
        staying = [person for person in circle if person.person_id not in names]
        versions = {person.person_id: version_after(person.version, now=now) for person in going}
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


async def _look(
    connection: Connection,
    person_id: str,
    circle: Sequence[Person],
    *,
    others: Others | None,
    now: datetime,
) -> Erasure:
    by_name = {person.person_id: person for person in circle}
    if person_id not in by_name:
        raise NothingThere(f"nobody is known as {person_id}")
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
