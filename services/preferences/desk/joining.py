"""Which ids are one person: said by staff, and taken back by them."""

from hashlib import sha256
from typing import Final, Literal

import structlog

from foundation import acts
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Database
from preferences.desk.changing import Change, Changed, ChangeRefused, NothingThere, change_within
from preferences.model.same_person import others_of
from preferences.store import people
from preferences.store.people import Person
from schemas.envelope import Event
from schemas.people import PersonMerged, PersonSeparated
from schemas.provenance import Provenance

log = structlog.get_logger(__name__)

_SOURCE: Final = "/preferences/command"


def refuse_itself(other_id: str, person: Person) -> None:
    """Refuse to join somebody with themselves.

    Raises:
        ChangeRefused: the two ids are one.
    """
    if other_id == person.person_id:
        raise ChangeRefused("other_id: is the id of the person itself; name the other id")


async def say_same(
    person_id: str, other_id: str, *, reason: str, actor: Actor, database: Database, clock: Clock
) -> Changed:
    """Say that two ids are one person.

    Raises:
        NothingThere: nobody is known under one of them.
        ChangeRefused: the two ids are one.
    """
    return await _say(
        "merge", person_id, other_id, reason=reason, actor=actor, database=database, clock=clock
    )


async def say_others(
    person_id: str, other_id: str, *, reason: str, actor: Actor, database: Database, clock: Clock
) -> Changed:
    """Say that two ids were joined by mistake.

    Raises:
        NothingThere: nobody is known under one of them, or nobody joined them.
        ChangeRefused: the two ids are one.
    """
    return await _say(
        "separate", person_id, other_id, reason=reason, actor=actor, database=database, clock=clock
    )


async def _say(
    act: Literal["merge", "separate"],
    person_id: str,
    other_id: str,
    *,
    reason: str,
    actor: Actor,
    database: Database,
    clock: Clock,
) -> Changed:
    now = clock.now()
    model = PersonMerged if act == "merge" else PersonSeparated
    data = model(other_id=other_id, reason=reason, provenance=Provenance(by="agent", speaker=actor.name))
    event = Event(
        id=sha256(f"{act} {person_id} {other_id} {now.isoformat()}".encode()).hexdigest()[:40],
        source=_SOURCE,
        type="person.merged.v1" if act == "merge" else "person.separated.v1",
        time=now,
        person_id=person_id,
        data=data,
    )

    def refuse(person: Person) -> None:
        refuse_itself(other_id, person)
        if act == "separate" and other_id not in others_of(person.record):
            raise NothingThere(f"nobody said that {person_id} and {other_id} are one person")

    change = Change(event=event, digest=sha256(event.id.encode()).digest(), refuse=refuse)
    async with database.transaction() as connection:
        known = await people.find_people(connection, {person_id, other_id}, now=now)
        unknown = {person_id, other_id} - {person.person_id for person in known if person.digest is not None}
        if unknown:
            raise NothingThere(f"nobody is known as {min(unknown)}")
        changed = await change_within(connection, change, caller=str(actor), way="command", now=now)
        if not changed.again:
            why = f"{other_id}: {reason}"
            await acts.record(connection, actor, act, subject=person_id, reason=why, now=now)
    log.info("said who is whom", person_id=person_id, act=act)
    return changed
