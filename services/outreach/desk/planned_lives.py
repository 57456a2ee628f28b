"""Whose plans a change of playbook is tried on: people in the database, or those of a file of events."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from foundation.database import Database
from outreach.guidance.trying.plan_comparison import PlannedLife
from outreach.model.debt import Debt
from outreach.model.playbook import Playbook
from outreach.model.snapshot import parse_snapshot
from outreach.planning.desire import Past
from outreach.planning.plan import read_pasts
from outreach.planning.record import debt_told_of, record_debt_event
from outreach.planning.whereabouts import NOWHERE, whereabouts_of
from outreach.store import debts, people, touches
from schemas.envelope import Event
from schemas.people import PersonSnapshot

_AT_A_TIME: Final = 1000


async def stored_lives(
    database: Database, *, before: Playbook, after: Playbook, now: datetime
) -> list[PlannedLife]:
    """Return everybody whom the database knows, with what they owe now. Nothing is written or locked."""
    plays = sorted({*before.plays, *after.plays})
    lives: list[PlannedLife] = []
    last = ""
    while True:
        async with database.reading() as connection:
            batch = await people.list_all_people(connection, after=last, limit=_AT_A_TIME)
            if not batch:
                return lives
            owed: defaultdict[str, list[Debt]] = defaultdict(list)
            for debt in await debts.read_debts(connection, batch):
                owed[debt.person_id].append(debt)
            old = await read_pasts(connection, batch, playbook=before)
            new = await read_pasts(connection, batch, playbook=after)
            done: defaultdict[str, set[tuple[str, str, str]]] = defaultdict(set)
            for touch in await touches.read_done(connection, batch, plays=plays):
                done[touch.person_id].add((touch.debt_id, touch.play, touch.occasion))
        lives += (
            PlannedLife(
                person_id=person,
                debts=tuple(owed[person]),
                past_before=old[person],
                past_after=new[person],
                now=now,
                done=frozenset(done[person]),
            )
            for person in batch
        )
        last = batch[-1]


def lives_of_events(events: Iterable[Event]) -> Iterator[PlannedLife]:
    """Yield each person after each event about them, in order: what is planned then, by either playbook."""
    by_person: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_person[event.person_id].append(event)
    for person, heard in sorted(by_person.items()):
        owed: dict[str, Debt] = {}
        past = Past(whereabouts=NOWHERE)
        for event in sorted(heard, key=lambda event: (event.time, event.source, event.id)):
            if isinstance(event.data, PersonSnapshot):
                snapshot = parse_snapshot(event.data.model_dump_json())
                past = Past(whereabouts=whereabouts_of(snapshot))
            elif (debt_id := debt_told_of(event)) is not None:
                debt = owed.get(debt_id) or Debt(person_id=person, debt_id=debt_id)
                owed[debt_id] = record_debt_event(debt, event)
            yield PlannedLife(
                person_id=person,
                debts=tuple(owed.values()),
                past_before=past,
                past_after=past,
                now=event.time,
            )
