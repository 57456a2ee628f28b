"""Ingest: facts and plans from a batch of events, set-wise and in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

import structlog
from msgspec.structs import replace

from foundation import inbox, offsets, outbox, quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.inbox import HeardEvent
from foundation.intake import Batch
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from outreach.announcing.quarantine import quarantined
from outreach.announcing.touches import SOURCE
from outreach.model.debt import Debt
from outreach.model.playbook import Playbook
from outreach.model.suppression import Suppression
from outreach.model.words import Channel
from outreach.planning.ask_publishers import ask_publishers
from outreach.planning.asked import hear_asked
from outreach.planning.carry_over import carry_over, carry_over_stored
from outreach.planning.codebtors import MOST_CODEBTORS, share_money
from outreach.planning.desire import looks_the_same
from outreach.planning.erase import defer_erasures, erase_people, note_newer, sort_out
from outreach.planning.inputs import PREFERENCES_HEARD
from outreach.planning.names import wait_of_names
from outreach.planning.plan import plan_debts
from outreach.planning.record import contact_of, record_debt_event
from outreach.planning.wishes import with_wishes_kept
from outreach.store import debts, erasures, hand_offs, ledger, people, suppressions
from outreach.store.changes import people_changed
from outreach.store.ledger import Entry
from schemas import envelope
from schemas.addresses import comparable, reaches
from schemas.contacts import ContactRecorded
from schemas.envelope import Event
from schemas.people import OptOut, PersonErased, PersonSnapshot, PreferencesCaughtUp

log = structlog.get_logger(__name__)


class _DebtKey(NamedTuple):
    person_id: str
    debt_id: str


class _Owing(NamedTuple):
    """The people who owe the debts of a batch, and the debts that too many seem to owe."""

    codebtors: set[str]
    crowded: set[str]


async def ingest(batch: Batch[Event], *, database: Database, playbook: Playbook, clock: Clock) -> None:
    """Record what the events say and plan what follows, all of it or nothing.

    Ingesting the same batch again changes nothing, so redelivery is safe. A malformed record is
    kept with its reason; the person it names waits.

    Raises:
        DatabaseUnavailable: nothing was done; read the batch again later.
    """
    now = clock.now()
    async with database.transaction() as connection:
        concerned = await ingest_within(connection, batch, playbook=playbook, now=now)
        await offsets.store(connection, batch.group, batch.records)
    # Every second preferences says that it has heard everything, which is about nobody.
    if concerned or batch.malformed:
        log.info("ingested", events=len(batch.events), malformed=len(batch.malformed), people=concerned)


async def ingest_within(
    connection: Connection, batch: Batch[Event], *, playbook: Playbook, now: datetime
) -> int:
    """Do the work of a batch in the caller's transaction; return how many people it concerned."""
    heard, changed_content = await _hear(connection, batch, now=now)
    malformed = [*batch.malformed, *changed_content]
    # Whoever is named by what was heard before counts too: `replay` relies on it that they are locked.
    concerned = {record.person for record in malformed if record.person}
    concerned |= {event.person_id for event in batch.events if _is_about_somebody(event)}
    if not concerned:
        await _keep_aside(connection, malformed, now=now)
    else:
        # A contact at an address that others share counts for them too, and so does an opt-out.
        sharing = set(await people.list_people_at(connection, _contacted(heard) | _closed(heard)))
        # Whoever owes the same debt has paid it when one of them has.
        owing = await _list_who_owe(connection, _debts_of(heard))
        # What closes one id of a person closes the others, and contacts with all of them count together.
        joined = _joined(heard)
        await people.meet_people(connection, concerned | sharing | owing.codebtors | joined, now=now)
        # Whoever is erased is so from here on: nobody else can be erasing them, or saying something of them.
        sorted_out = await sort_out(
            connection, heard, malformed, origins=zip_longest(batch.events, batch.origins), now=now
        )
        unreadable = await _keep_aside(connection, sorted_out.malformed, now=now)
        await erase_people(connection, sorted_out.erased, now=now)
        await defer_erasures(connection, sorted_out.deferred, now=now)
        await erasures.note_returned(connection, sorted_out.returned, now=now)
        changed = await _record(connection, sorted_out.events, owing=owing, playbook=playbook, now=now)
        changed |= sorted_out.erased.keys() | sorted_out.deferred.keys()
        changed |= sharing if changed else set()
        await people_changed(connection, changed | unreadable, now=now, wake=True)
    return len(concerned)


async def _keep_aside(
    connection: Connection, malformed: Sequence[MalformedRecord], *, now: datetime
) -> set[str]:
    """Keep these records aside and say so; return whom those name that were not kept before."""
    kept = await quarantine.keep(connection, malformed, now=now)
    await outbox.append(connection, [quarantined(record, now) for record in kept], source=SOURCE)
    return {record.malformed.person for record in kept if record.malformed.person}


async def _list_who_owe(connection: Connection, asked: set[str]) -> _Owing:
    owing = await debts.list_who_owe(connection, asked, at_most=MOST_CODEBTORS + 1)
    crowded = {debt_id for debt_id, who in owing.items() if len(who) > MOST_CODEBTORS}
    few = [who for debt_id, who in owing.items() if debt_id not in crowded]
    return _Owing(codebtors=set().union(*few), crowded=crowded)


async def _hear(
    connection: Connection, batch: Batch[Event], *, now: datetime
) -> tuple[list[Event], list[MalformedRecord]]:
    """Return the events that were never heard before, and the records of those that changed meanwhile.

    Until when preferences has told everything is noted, and is about nobody.
    """
    for event in batch.events:
        if isinstance(event.data, PreferencesCaughtUp):
            await _note_heard(connection, event.data, now=now)
    about_people = [
        (event, origin)
        for event, origin in zip_longest(batch.events, batch.origins)
        if _is_about_somebody(event)
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


async def _note_heard(connection: Connection, said: PreferencesCaughtUp, *, now: datetime) -> None:
    """Note until when preferences has heard each of its topics; it cannot have heard what is yet to come."""
    heard = {topic.topic: topic.caught_up_at for topic in said.topics}
    for consumed in PREFERENCES_HEARD:
        at = heard.get(consumed.topic, said.caught_up_at)
        await offsets.store_all_caught_up(connection, consumed, at=min(at, now))


def _is_about_somebody(event: Event) -> bool:
    return not isinstance(event.data, PreferencesCaughtUp)


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
    return {comparable(contact.address) for contact in contacts if contact.address is not None}


def _closed(events: Iterable[Event]) -> set[str]:
    """Return the addresses that snapshots say are closed."""
    return {
        address
        for event in events
        if isinstance(event.data, PersonSnapshot)
        for opt_out in event.data.opt_outs
        if (address := _closed_address(opt_out)) is not None
    }


def _joined(events: Iterable[Event]) -> set[str]:
    """Return the other ids that snapshots name."""
    return {
        other for event in events if isinstance(event.data, PersonSnapshot) for other in event.data.same_as
    }


def _closed_address(opt_out: OptOut) -> str | None:
    """Return the one address that an opt-out closes, whoever has it; None where it closes a channel."""
    if opt_out.address is None or not reaches(opt_out.channel, opt_out.address):
        return None
    return comparable(opt_out.address)


def _debts_of(events: Iterable[Event]) -> set[str]:
    """Return the debts that events tell something of which counts for everybody who owes them."""
    about_debts = (
        event.data
        for event in events
        if not isinstance(event.data, PersonSnapshot | PersonErased | ContactRecorded)
    )
    return {data.debt_id for data in about_debts}  # type: ignore[attr-defined]


async def _record(
    connection: Connection, events: Sequence[Event], *, owing: _Owing, playbook: Playbook, now: datetime
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
        changed |= await _record_debts(
            connection, about_debts, heard=heard, owing=owing, playbook=playbook, now=now
        )
    return changed


async def _record_debts(
    connection: Connection,
    events: Iterable[Event],
    *,
    heard: set[str],
    owing: _Owing,
    playbook: Playbook,
    now: datetime,
) -> set[str]:
    """Record what is said of debts; plan those that look different now, or whose person was `heard`.

    Return the people of whose debts something changed.
    """
    keyed = [(_DebtKey(event.person_id, event.data.debt_id), event) for event in events]  # type: ignore[attr-defined]
    # Of somebody who was heard every debt is planned anew; of others those alone that something is said of.
    named = sorted((owing.codebtors | {key.person_id for key, _ in keyed}) - heard)
    known = [
        *await debts.read_debts(connection, sorted(heard)),
        *await debts.read_named_debts(connection, named, sorted({key.debt_id for key, _ in keyed})),
    ]
    before = {_DebtKey(debt.person_id, debt.debt_id): debt for debt in known}
    after = dict(before)
    for key, event in keyed:
        before.setdefault(key, Debt(person_id=key.person_id, debt_id=key.debt_id))
        after[key] = record_debt_event(after.get(key, before[key]), event)
    _share_money(after, {key.debt_id for key, _ in keyed}, crowded=owing.crowded)
    changed = {key for key, _ in keyed} | {key for key, debt in after.items() if debt is not before[key]}
    recorded = [after[key] for key in sorted(changed)]
    await debts.keep_debts(connection, recorded)
    await ask_publishers(connection, recorded, creditors=playbook.creditors, now=now)
    replanned = [
        debt
        for key, debt in after.items()
        if key.person_id in heard or not looks_the_same(before[key], debt, playbook=playbook)
    ]
    await plan_debts(connection, replanned, playbook=playbook, now=now)
    return {key.person_id for key in changed}


def _share_money(known: dict[_DebtKey, Debt], moved: set[str], *, crowded: set[str]) -> None:
    """Let everybody who owes one of these debts know of its money; of too many, remember that they are."""
    owing: defaultdict[str, list[_DebtKey]] = defaultdict(list)
    for key in known:
        if key.debt_id in moved:
            owing[key.debt_id].append(key)
    for debt_id, keys in owing.items():
        if debt_id in crowded or len(keys) > MOST_CODEBTORS:
            known |= {key: replace(known[key], is_owed_by_many=True) for key in keys}
        elif len(keys) > 1:
            for key, debt in zip(keys, share_money([known[key] for key in keys]), strict=True):
                if debt != known[key]:
                    known[key] = debt


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
        {
            person: (snapshot.version, with_wishes_kept(snapshot).model_dump_json())
            for person, snapshot in newest.items()
        },
        now=now,
    )
    await note_newer(connection, {person: newest[person].version for person in sorted(taken)}, now=now)
    # All of them, safe to write to or not: whoever writes from one of them is heard as the person.
    await people.replace_addresses(
        connection, {person: _addresses(newest[person]) for person in sorted(taken)}
    )
    await people.replace_other_ids(connection, {person: newest[person].same_as for person in sorted(taken)})
    closed = [
        suppression for person in sorted(taken) for suppression in _closed_for_everybody(newest[person])
    ]
    await suppressions.record_suppressions(connection, closed, origin="snapshot", now=now)
    await _wait_for_names(connection, {person: newest[person] for person in sorted(taken)}, now=now)
    lifted = [opt_out_id for person in taken for opt_out_id in newest[person].lifted]
    await suppressions.lift_suppressions(connection, lifted, by="preferences", now=now)
    # What a reply put on hold bears the name of the reply and of the person; what a human placed, its own.
    freed = [
        name
        for person in taken
        for lifted_hold in newest[person].lifted_holds
        for name in (f"{lifted_hold}:{person}:with_human", lifted_hold)
    ]
    await suppressions.lift_holds(connection, freed, by="preferences", now=now)
    answered = [(hold_id, person) for person in taken for hold_id in newest[person].lifted_holds]
    await hand_offs.end_lifted(connection, answered, by="preferences", now=now)
    await hear_asked(connection, [newest[person] for person in sorted(taken)])
    return taken


async def _wait_for_names(
    connection: Connection, snapshots: Mapping[str, PersonSnapshot], *, now: datetime
) -> None:
    """Have whose name tells of a death wait for a human, and whose name was put right wait no longer."""
    named = {
        person: wait_of_names(person, (names.given, names.family, names.full))
        for person, snapshot in snapshots.items()
        if (names := snapshot.names) is not None
    }
    waits = [Suppression.with_human(wait, person_id=person, at=now) for person, wait in named.items() if wait]
    await suppressions.record_suppressions(connection, waits, origin=suppressions.OF_NAMES, now=now)
    standing = [wait.suppression_id for wait in waits]
    await suppressions.lift_waits_of_other_names(
        connection, list(snapshots), standing=standing, by="preferences", now=now
    )


def _closed_for_everybody(snapshot: PersonSnapshot) -> Iterable[Suppression]:
    """Yield what one person's opt-outs close for whoever else has the address."""
    for opt_out in snapshot.opt_outs:
        address = _closed_address(opt_out)
        if address is not None:
            yield Suppression(
                suppression_id=opt_out.opt_out_id,
                person_id=None,
                address=address,
                channel=Channel(opt_out.channel),
                kind="opted_out" if opt_out.kind == "complained" else opt_out.kind,
                at=opt_out.at,
            )


def _addresses(snapshot: PersonSnapshot) -> list[tuple[str, str]]:
    return [
        *((Channel.SMS.value, comparable(phone.number)) for phone in snapshot.phones),
        *((Channel.EMAIL.value, comparable(email.address)) for email in snapshot.emails),
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
        address=comparable(data.address) if data.address is not None else None,
        contact=contact_of(data, event.time),
    )
