"""Rebuild: what is remembered of people, drawn again from nothing but the ledger."""

from collections.abc import AsyncIterator
from datetime import datetime

from foundation import quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from preferences.ledger.circles import lock_circles, others_by_person, read_whole_circles
from preferences.ledger.tell import draw, publish_changed
from preferences.model.fold import fold
from preferences.store import erasures, people
from preferences.store.entries import read_entries
from preferences.store.people import Person

_PAGE = 500


async def differing(*, database: Database, clock: Clock) -> AsyncIterator[list[str]]:
    """Look through all people and yield, page by page, those who are not what the ledger makes of them."""
    after = ""
    while True:
        async with database.reading() as connection:
            # One snapshot for records and entries, so that a change between the two is no difference.
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            page = await people.list_people(connection, after=after, limit=_PAGE, now=clock.now())
            found = await _differing(connection, page, now=clock.now())
        if not page:
            return
        after = page[-1].person_id
        yield found


async def rebuild(*, database: Database, clock: Clock) -> AsyncIterator[list[str]]:
    """Put right whoever is not what the ledger makes of them; yield these, page by page, once committed."""
    async for found in differing(database=database, clock=clock):
        if found:
            await _rebuild_people(found, database=database, clock=clock)
        yield found


async def _rebuild_people(found: list[str], *, database: Database, clock: Clock) -> None:
    now = clock.now()
    async with database.transaction() as connection:
        await people.hold_circles(connection, joining=True)
        # Whoever was erased since the look has nothing to be drawn from.
        still = set(found) - (await erasures.find_standing(connection, found)).keys()
        locked = await lock_circles(connection, still, joining=True, now=now)
        entries = await read_entries(connection, [person.person_id for person in locked])
        records = {person.person_id: fold(entries.get(person.person_id, ())) for person in locked}
        await publish_changed(connection, locked, records, now=now)


async def _differing(connection: Connection, page: list[Person], *, now: datetime) -> list[str]:
    whole = await read_whole_circles(connection, page, now=now)
    names = [person.person_id for person in whole]
    entries = await read_entries(connection, names)
    waiting = await quarantine.keys_waiting(connection, names)
    records = {person_id: fold(entries.get(person_id, ())) for person_id in names}
    others = others_by_person(records)
    found: list[str] = []
    for person in page:
        drawing = draw(
            person,
            records[person.person_id],
            others=others[person.person_id],
            unreadable=not waiting.isdisjoint({person.person_id, *others[person.person_id]}),
            now=now,
        )
        if drawing.is_new or drawing.is_news:
            found.append(person.person_id)
    return found
