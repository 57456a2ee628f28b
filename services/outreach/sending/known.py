"""Read all that is stored of people before their touches are decided."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from foundation import quarantine
from foundation.database import Connection
from outreach.model.debt import Debt
from outreach.model.known import PersonFacts
from outreach.model.snapshot import parse_snapshot
from outreach.planning.names import wait_of_names
from outreach.store import debts, ledger, people, suppressions

#: How much of the ledger the policy sees: longer than any cap or hold that counts contacts.
LEDGER_REACHES = timedelta(days=100)


async def lock_and_read_known(
    connection: Connection, claimed: Sequence[str], *, now: datetime
) -> tuple[dict[str, PersonFacts], dict[str, int]]:
    """Read everything the policy may look at, and the revisions it was read at, to send by it.

    Locks the addresses these people share with others, and their other ids, so it comes after the
    people's locks.
    """
    shared = await people.read_shared_addresses(connection, claimed)
    other_ids = await people.read_other_ids(connection, claimed)
    await people.lock_what_is_shared(
        connection,
        addresses=(address for addresses in shared.values() for address in addresses),
        other_ids=(person_id for person, others in other_ids.items() for person_id in (person, *others)),
    )
    return await _read(connection, claimed, shared=shared, other_ids=other_ids, now=now)


async def read_known(
    connection: Connection, asked: Sequence[str], *, now: datetime
) -> dict[str, PersonFacts]:
    """Read everything the policy may look at, to answer by it: locks nothing and waits for nobody."""
    shared = await people.read_shared_addresses(connection, asked)
    other_ids = await people.read_other_ids(connection, asked)
    known, _ = await _read(connection, asked, shared=shared, other_ids=other_ids, now=now)
    return known


async def _read(
    connection: Connection,
    claimed: Sequence[str],
    *,
    shared: Mapping[str, Collection[str]],
    other_ids: Mapping[str, Collection[str]],
    now: datetime,
) -> tuple[dict[str, PersonFacts], dict[str, int]]:
    stored = await people.read_people(connection, claimed)
    since = now - LEDGER_REACHES
    erased = await people.read_addresses_of_erased(connection, claimed, since=since)
    entries = await ledger.read_ledger(
        connection, claimed, shared=shared, erased=erased, other_ids=other_ids, since=since
    )
    bound = await suppressions.read_suppressions(connection, claimed)
    bound_elsewhere = (
        await suppressions.read_suppressions_by_other_ids(connection, list(other_ids)) if other_ids else {}
    )
    everybody = {*claimed, *(other for others in other_ids.values() for other in others)}
    unreadable = await quarantine.keys_waiting(connection, sorted(everybody))
    owed: defaultdict[str, dict[str, Debt]] = defaultdict(dict)
    for debt in await debts.read_debts(connection, claimed):
        owed[debt.person_id][debt.debt_id] = debt
    snapshots = {
        person: parse_snapshot(kept.snapshot) for person, kept in stored.items() if kept.snapshot is not None
    }
    waits = {
        person: wait
        for person, snapshot in snapshots.items()
        if (names := snapshot.names) is not None
        and (wait := wait_of_names(person, (names.given, names.family, names.full))) is not None
    }
    recorded = await suppressions.list_recorded(connection, waits.values())
    known = {
        person: PersonFacts(
            snapshot=snapshots.get(person),
            debts=owed[person],
            suppressions=(*bound.get(person, ()), *bound_elsewhere.get(person, ())),
            ledger=entries[person].contacts,
            wrote_from=entries[person].wrote_from,
            texted=frozenset(entries[person].texted),
            # Who wrote from it may have been whoever was erased.
            shared_addresses=frozenset((*shared.get(person, ()), *erased.get(person, ()))),
            other_ids=frozenset(other_ids.get(person, ())),
            unreadable=not unreadable.isdisjoint({person, *other_ids.get(person, ())}),
            names_were_kept=waits.get(person) in recorded,
        )
        for person, kept in stored.items()
    }
    return known, {person: kept.revision for person, kept in stored.items()}
