"""A change that somebody asks for: checked, then told by the one door into the ledger."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from foundation import inbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from preferences.ledger.circles import lock_circles
from preferences.ledger.tell import tell
from preferences.model.entry import ABOUT_TWO_IDS, Statement, seen_from_both
from preferences.store.people import Person
from schemas.envelope import Event
from schemas.vocabulary import Way

log = structlog.get_logger(__name__)


class ChangeRefused(Exception):
    """A change that cannot be made as it stands; `problem` says what to do."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Outdated(ChangeRefused):
    """Somebody else changed the person meanwhile."""


class KeyReused(ChangeRefused):
    """Another change was made under this key."""


class NothingThere(ChangeRefused):
    """What the change is about does not exist, or stands no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody wants to have remembered of a person.

    The event's id names it: asked for again under the same id it is made once. `digest` is of the whole
    request. `expected` is the version of the person that the caller has seen, 0 for nobody known yet,
    None where it does not matter. `refuse` looks at the locked person and raises what forbids it.
    """

    event: Event
    digest: bytes
    expected: int | None = None
    refuse: Callable[[Person], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The version that `people.v1` carries, or will within a moment; `again`: it was made before."""

    version: int
    again: bool


async def make_change(
    change: Change, *, caller: str, way: Literal["api", "command"], database: Database, clock: Clock
) -> Changed:
    """Make a change, or find that it was made before; it is committed when this returns.

    Raises:
        Outdated: the person is not as the caller has seen them; read them again.
        KeyReused: another change has this key; choose a new one.
        ChangeRefused: what `refuse` of the change says.
    """
    now = clock.now()
    async with database.transaction() as connection:
        changed = await change_within(connection, change, caller=caller, way=way, now=now)
    log.info("changed", person_id=change.event.person_id, event_type=change.event.type, caller=caller)
    return changed


async def change_within(
    connection: Connection, change: Change, *, caller: str, way: Way, now: datetime
) -> Changed:
    """Make a change in the caller's transaction."""
    event = change.event
    heard = inbox.HeardEvent(event.source, event.id, change.digest)
    (verdict,) = await inbox.hear(connection, [heard], now=now)
    statement = Statement(event=event, caller=caller, way=way)
    named = {view.event.person_id for view in seen_from_both(statement)}
    joining = isinstance(event.data, ABOUT_TWO_IDS)
    locked = await lock_circles(connection, named, joining=joining, now=now)
    person = _named(event.person_id, locked)
    if verdict == "changed":
        raise KeyReused("this Idempotency-Key was used for another request; give each request one of its own")
    if verdict == "known":
        return Changed(version=person.version, again=True)
    if change.expected is not None and change.expected != person.version:
        raise Outdated("the person has changed since you read them; read them again and decide anew")
    if change.refuse is not None:
        change.refuse(person)
    drawings = await tell(connection, [statement], {event.person_id}, now=now)
    changed = _named(event.person_id, [drawing.person for drawing in drawings])
    return Changed(version=changed.version, again=False)


def _named(person_id: str, found: Iterable[Person]) -> Person:
    return next(person for person in found if person.person_id == person_id)
