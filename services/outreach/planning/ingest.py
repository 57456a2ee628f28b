"""Ingest: facts and plans from a batch of events, set-wise and in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

import structlog

from foundation import inbox, offsets, outbox, quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.inbox import HeardEvent
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from outreach.announcing.quarantine import quarantined
from outreach.announcing.touches import SOURCE
from outreach.model.debt import Debt
from outreach.model.playbook import Playbook
from outreach.model.words import Channel
from outreach.planning.carry_over import carry_over, carry_over_stored
from outreach.planning.desire import looks_the_same
from outreach.planning.plan import plan_debts
from outreach.planning.record import contact_of, record_debt_event
from outreach.store import debts, ledger, people, suppressions
from outreach.store.changes import people_changed
from outreach.store.ledger import Entry
from schemas import envelope, topics
from schemas.contacts import ContactRecorded
from schemas.envelope import Event
from schemas.people import PersonSnapshot, PreferencesCaughtUp

#: Under which group, topic and partition it is noted until when preferences has told everything.
PREFERENCES_HEARD = ("preferences", topics.PERSON_EVENTS, 0)

log = structlog.get_logger(__name__)


class _DebtKey(NamedTuple):
    person_id: str
    debt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one read from Kafka brought: the events, the records nobody could read, and all records.

    `origins` are the records of the events, one for each.
    """

    events: Sequence[Event]
    origins: Sequence[Record] = ()
    malformed: Sequence[MalformedRecord] = ()
    records: Sequence[Record] = ()
    group: str = ""


async def ingest(batch: Batch, *, database: Database, playbook: Playbook, clock: Clock) -> None:
    """Record what the events say and plan what follows, all of it or nothing.

    Ingesting the same batch again changes nothing, so redelivery is safe. A malformed record is
    kept with its reason; the person it names waits.

    Raises:
        DatabaseUnavailable: nothing was done; read the batch again later.
    """
    now = clock.now()
    async with database.transaction() as connection:
        events, changed_content = await _hear(connection, batch, now=now)
        kept = await quarantine.keep(connection, [*batch.malformed, *changed_content], now=now)
        await outbox.append(connection, [quarantined(record, now) for record in kept], source=SOURCE)
        concerned = {event.person_id for event in events} | {
            record.malformed.person for record in kept if record.malformed.person
        }
        if concerned:
            # A contact at an address that others share counts for them too.
            sharing = set(await people.list_people_at(connection, _contacted(events)))
            await people.meet_people(connection, concerned | sharing, now=now)
            changed = await _record(connection, events, playbook=playbook, now=now)
            changed |= sharing if changed else set()
            changed |= {record.malformed.person for record in kept if record.malformed.person}
            await people_changed(connection, changed, now=now, wake=True)
        await offsets.store(connection, batch.group, batch.records)
    log.info("ingested", events=len(batch.events), malformed=len(batch.malformed), people=len(concerned))


async def _hear(
    connection: Connection, batch: Batch, *, now: datetime
) -> tuple[list[Event], list[MalformedRecord]]:
    """Return the events that were never heard before, and the records of those that changed meanwhile.

    Until when preferences has told everything is noted, and is about nobody.
    """
    reached = [
        event.data.caught_up_at for event in batch.events if isinstance(event.data, PreferencesCaughtUp)
    ]
    if reached:
        await offsets.store_caught_up(connection, *PREFERENCES_HEARD, at=max(reached))
    about_people = [
        (event, origin)
        for event, origin in zip_longest(batch.events, batch.origins)
        if not isinstance(event.data, PreferencesCaughtUp)
    ]
    heard = [HeardEvent(event.source, event.id, event.digest) for event, _ in about_people]
    verdicts = await inbox.hear(connection, heard, now=now)
    fresh: list[Event] = []
    changed: list[MalformedRecord] = []
    for (event, origin), verdict in zip(about_people, verdicts, strict=True):
        if verdict == "new":
            fresh.append(event)
        elif verdict == "changed":
            log.warning("an event came under the id of another", source=event.source, event_id=event.id)
            if origin is not None:
                changed.append(_changed(event, origin))
    return fresh, changed


def _changed(event: Event, origin: Record) -> MalformedRecord:
    return MalformedRecord(
        record=origin,
        reason=envelope.CHANGED_CONTENT,
        problem=envelope.problem_of_changed_content(event),
        person=event.person_id if envelope.may_close(event) else None,
    )


def _contacted(events: Iterable[Event]) -> set[str]:
    """Return the addresses at which other systems contacted somebody."""
    contacts = (event.data for event in events if isinstance(event.data, ContactRecorded))
    return {contact.address.casefold() for contact in contacts if contact.address is not None}


async def _record(
    connection: Connection, events: Sequence[Event], *, playbook: Playbook, now: datetime
) -> set[str]:
    """Record events that were never heard before; return the people about whom something is new."""
    snapshots = [event for event in events if isinstance(event.data, PersonSnapshot)]
    contacts = [event for event in events if isinstance(event.data, ContactRecorded)]
    about_debts = [event for event in events if not isinstance(event.data, PersonSnapshot | ContactRecorded)]

    changed = {contact.person_id for contact in contacts + about_debts}
    changed |= await _keep_snapshots(connection, snapshots, now=now)
    await ledger.record_contacts(connection, [_entry(contact) for contact in contacts])
    # A contact that nobody answered changes what may be sent, but nothing of what is wanted.
    heard = {contact.person_id for contact in contacts if _was_heard(contact)}
    if heard or about_debts:
        await _record_debts(connection, about_debts, heard=heard, playbook=playbook, now=now)
    return changed


async def _record_debts(
    connection: Connection, events: Iterable[Event], *, heard: set[str], playbook: Playbook, now: datetime
) -> None:
    """Record what is said of debts, and plan those that look different now or whose person was `heard`."""
    keyed = [(_DebtKey(event.person_id, event.data.debt_id), event) for event in events]  # type: ignore[attr-defined]
    people_concerned = sorted(heard | {key.person_id for key, _ in keyed})
    before = {
        _DebtKey(debt.person_id, debt.debt_id): debt
        for debt in await debts.read_debts(connection, people_concerned)
    }
    after = dict(before)
    for key, event in keyed:
        before.setdefault(key, Debt(person_id=key.person_id, debt_id=key.debt_id))
        after[key] = record_debt_event(after.get(key, before[key]), event)
    await debts.keep_debts(connection, [after[key] for key in sorted({key for key, _ in keyed})])
    replanned = [
        debt
        for key, debt in after.items()
        if key.person_id in heard or not looks_the_same(before[key], debt, playbook=playbook)
    ]
    await plan_debts(connection, replanned, playbook=playbook, now=now)


async def _keep_snapshots(connection: Connection, events: Iterable[Event], *, now: datetime) -> set[str]:
    """Keep the newest snapshot of each person, its addresses, and lift what it lifts by name."""
    heard = list(events)
    if not heard:
        return set()
    stored = await people.read_snapshots(connection, sorted({event.person_id for event in heard}))
    newest: dict[str, PersonSnapshot] = {}
    for event in heard:
        data, before = event.data, newest.get(event.person_id)
        assert isinstance(data, PersonSnapshot)
        newest[event.person_id] = (
            carry_over(before, data)
            if before is not None
            else carry_over_stored(stored.get(event.person_id), data)
        )
    taken = await people.keep_snapshots(
        connection,
        {person: (snapshot.version, snapshot.model_dump_json()) for person, snapshot in newest.items()},
        now=now,
    )
    await people.replace_addresses(
        connection, {person: _addresses(newest[person]) for person in sorted(taken)}
    )
    lifted = [opt_out_id for person in taken for opt_out_id in newest[person].lifted]
    await suppressions.lift_suppressions(connection, lifted, by="preferences", now=now)
    # What a reply put on hold bears the name of the reply and of the person.
    freed = [
        f"{lifted_hold}:{person}:with_human"
        for person in taken
        for lifted_hold in newest[person].lifted_holds
    ]
    await suppressions.lift_holds(connection, freed, by="preferences", now=now)
    return taken


def _addresses(snapshot: PersonSnapshot) -> list[tuple[str, str]]:
    return [
        *((Channel.SMS.value, phone.number) for phone in snapshot.phones),
        *((Channel.EMAIL.value, email.address.casefold()) for email in snapshot.emails),
    ]


def _was_heard(event: Event) -> bool:
    data = event.data
    assert isinstance(data, ContactRecorded)
    return contact_of(data, event.time).was_heard


def _entry(event: Event) -> Entry:
    data = event.data
    assert isinstance(data, ContactRecorded)
    return Entry(
        contact_id=f"{event.source} {data.contact_id}",
        person_id=event.person_id,
        address=data.address.casefold() if data.address is not None else None,
        contact=contact_of(data, event.time),
    )
