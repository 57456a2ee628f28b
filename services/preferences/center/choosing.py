"""Make a choice, or take one back: entries of the ledger, committed before the page says so."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from typing import Final

import msgspec
import structlog

from foundation.clock import Clock
from foundation.database import Connection, Database
from preferences.center.becoming import PAGE, Choosing, data_of, event_id, statements_of
from preferences.center.opening import OpenLink
from preferences.desk.changing import Change, change_within
from preferences.ledger.circles import lock_circles, others_by_person
from preferences.model.record import changed_at, moment
from preferences.model.same_person import joined_snapshot
from preferences.pages.forms import Form
from preferences.store import choices
from preferences.store.choices import Choice
from preferences.store.people import Person
from schemas.envelope import Event
from schemas.people import PersonSnapshot
from schemas.provenance import Evidence, Provenance
from schemas.values import OURS, EventData

log = structlog.get_logger(__name__)

_encode = msgspec.json.Encoder().encode

#: For how long a choice can be taken back.
UNDONE_WITHIN: Final = timedelta(days=1)
#: Whoever sends the same form twice in so short a time means it once.
_TWICE: Final = timedelta(minutes=10)
_LATER: Final = timedelta(milliseconds=1)
#: Who writes what is chosen on a page into the ledger.
_CALLER: Final = "preference center"


async def choose(
    form: Form,
    link: OpenLink,
    *,
    is_known: bool,
    today: date,
    evidence: Evidence,
    session: bytes,
    database: Database,
    clock: Clock,
) -> Choice:
    """Make a choice and return it; committed when this returns. A second tap makes nothing of its own.

    `today` is the person's own, `evidence` the page and what it showed them, `session` tells their browser.
    """
    now = clock.now()
    choice_id = token_urlsafe(12)
    provenance = Provenance(by="person", way="page", evidence=(evidence,))
    async with database.transaction() as connection:
        circle = await lock_circles(connection, [link.person_id], joining=False, now=now)
        known = known_of(link.person_id, circle, now=now)
        choosing = Choosing(
            choice_id=choice_id,
            link=link,
            known=known,
            provenance=provenance,
            now=now,
            today=today,
        )
        said = statements_of(form, choosing)
        choice = Choice(
            choice_id=choice_id,
            person_id=link.person_id,
            address=link.address,
            is_known=is_known,
            form=form.model_dump(mode="json"),
            undoing=[statement.undoing for statement in said],
            made_at=now,
            session=session,
        )
        ids = [person.person_id for person in circle]
        same = await choices.find_same(connection, choice, people=ids, source=PAGE, after=now - _TWICE)
        if same is not None:
            return same
        for number, statement in enumerate(said):
            event = _event(
                statement.type, statement.data, link=link, name=event_id(choice_id, number), now=now
            )
            await _say(connection, event, provenance=provenance, now=now)
        await choices.keep_choice(connection, choice)
    log.info("chosen", person_id=link.person_id, action=form.action.value, entries=len(said))
    return choice


async def undo(
    choice_id: str,
    link: OpenLink,
    *,
    is_known: bool,
    evidence: Evidence,
    database: Database,
    clock: Clock,
) -> Choice | None:
    """Take a choice back; None where it is too old, undone or overtaken, or was not made at this link.

    Whoever has passed the light check takes back what was chosen at any of the person's addresses.
    """
    provenance = Provenance(by="person", way="page", evidence=(evidence,))
    async with database.transaction() as connection:
        circle = await lock_circles(connection, [link.person_id], joining=False, now=clock.now())
        choice = await choices.find_choice(connection, choice_id, person_id=link.person_id)
        if choice is None or not may_undo(choice, link, is_known=is_known, now=clock.now()):
            return None
        if not _stands(choice, circle):
            return None
        # The replica that made it may have a faster clock; what is taken back later is said later.
        now = max(clock.now(), choice.made_at + _LATER)
        for number, (type_name, kept) in enumerate(choice.undoing):
            data = data_of(type_name, kept, person_id=link.person_id, now=now)
            event = _event(type_name, data, link=link, name=f"undo:{event_id(choice_id, number)}", now=now)
            await _say(connection, event, provenance=provenance, now=now)
        await choices.note_undone(connection, choice_id, now=now)
    log.info("undone", person_id=link.person_id, entries=len(choice.undoing))
    return choice


async def list_lately(connection: Connection, link: OpenLink, *, now: datetime) -> Sequence[Choice]:
    """Return what the person of a link chose within the time in which it can be taken back, newest first."""
    return await choices.list_choices(connection, link.person_id, after=now - UNDONE_WITHIN)


def may_undo(choice: Choice, link: OpenLink, *, is_known: bool, now: datetime) -> bool:
    """Tell whether a choice can be taken back now, by this link.

    Whoever names it has seen the page that followed it, so the light check is not asked for again.
    """
    return (
        bool(choice.undoing)
        and choice.undone_at is None
        and now < choice.made_at + UNDONE_WITHIN
        and (is_known or choice.address == link.address)
    )


def may_see(choice: Choice, link: OpenLink, *, is_known: bool) -> bool:
    """Tell whether a choice may be shown: what a check was passed for only after one, or once undone."""
    is_open = not choice.is_known or choice.undone_at is not None
    return is_known or (is_open and choice.address == link.address)


def may_find(choice: Choice, link: OpenLink, *, is_known: bool, session: bytes) -> bool:
    """Tell whether the first page offers to take a choice back: after the check, or where it was chosen."""
    return may_see(choice, link, is_known=is_known) and (is_known or choice.session == session)


def known_of(person_id: str, circle: Sequence[Person], *, now: datetime) -> PersonSnapshot:
    """Return what is known of a person, as the contract tells it; `circle` are all their ids."""
    records = {person.person_id: person.record for person in circle}
    version = next(person.version for person in circle if person.person_id == person_id)
    record, others = records[person_id], others_by_person(records)[person_id]
    known = joined_snapshot(person_id, record, others, unreadable=False)
    known |= {"version": max(version, 1), "changed_at": changed_at(record) or moment(now)}
    return PersonSnapshot.model_validate_json(_encode(known), extra="ignore", context=OURS)


def _stands(choice: Choice, circle: Sequence[Person]) -> bool:
    """Tell whether a pause is the last one that was said: what was said after it is not to be overruled."""
    if not any("pause_until" in data for _, data in choice.undoing):
        return True
    (register,) = [
        person.record.get("is pause_until") for person in circle if person.person_id == choice.person_id
    ]
    return register is not None and register.stamp.id == event_id(choice.choice_id, 0)


async def _say(connection: Connection, event: Event, *, provenance: Provenance, now: datetime) -> None:
    change = Change(event=event, digest=event.digest, provenance=provenance)
    await change_within(connection, change, caller=_CALLER, way="page", now=now)


def _event(type_name: str, data: EventData, *, link: OpenLink, name: str, now: datetime) -> Event:
    return Event(id=name, source=PAGE, type=type_name, time=now, person_id=link.person_id, data=data)
