"""Erase: whoever was erased is forgotten here too, and nothing comes of what others still say of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from foundation import acts, outbox, quarantine
from foundation.database import Connection
from foundation.quarantine import ERASED, MalformedRecord
from foundation.records import Record
from outreach.announcing import touches as announce
from outreach.model.debt import Debt
from outreach.model.suppression import Suppression
from outreach.model.words import HoldKind, ScheduleReason
from outreach.planning.erased import name_of, without_numbers
from outreach.planning.forbidding import forbidding_erasure
from outreach.store import debts, erasures, hand_offs, people, suppressions, touches
from outreach.store.digests import digest_addresses
from outreach.store.erasures import Erasure, StoredSituation
from schemas.addresses import comparable
from schemas.debts import DebtPlaced
from schemas.envelope import Event
from schemas.people import PersonErased, PersonSnapshot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedOut:
    """Events that count, what is kept aside, who is to be erased, and who is known again since.

    `deferred` are those whom something known here alone forbids to erase.
    """

    events: Sequence[Event]
    malformed: Sequence[MalformedRecord]
    erased: Mapping[str, Erasure]
    deferred: Mapping[str, Erasure]
    returned: frozenset[str]


async def sort_out(
    connection: Connection,
    events: Sequence[Event],
    malformed: Sequence[MalformedRecord],
    *,
    origins: Iterable[tuple[Event, Record | None]],
    now: datetime,
) -> SortedOut:
    """Return what counts of these, in their order, and whom they erase.

    A snapshot of before an erasure is none any more. Of what others say of somebody erased nothing is kept
    but where it lies, save of a debt that was placed after it: that is a new one. Whoever is to be sent
    something about it is known by a snapshot first.
    """
    named = {event.person_id for event in events} | {one.person for one in malformed if one.person}
    known = await erasures.find_erased(connection, named)
    erased = _erased_by(events, known)
    versions = await people.list_versions(connection, erased)
    erased = {name: one for name, one in erased.items() if one.version > versions.get(name, 0)}
    forbidden = await list_forbidding(connection, sorted(erased), now=now)
    deferred = {name: erased.pop(name) for name in forbidden}
    standing = {**{name: one for name, one in known.items() if one.stands}, **erased}
    latest = {**known, **erased}
    if not latest:
        return SortedOut(
            events=_not_erasing(events),
            malformed=malformed,
            erased={},
            deferred=deferred,
            returned=frozenset(),
        )
    places = {id(event): origin for event, origin in origins if origin is not None}
    newer = {
        (debt.person_id, debt.debt_id)
        for debt in await debts.read_debts(connection, sorted(standing.keys() - erased.keys()))
    }
    counting: list[Event] = []
    aside = [_place_alone(one) if one.person in standing else one for one in malformed]
    returned: set[str] = set()
    for event in _not_erasing(events):
        erasure, data = latest.get(event.person_id), event.data
        if isinstance(data, PersonSnapshot):
            if erasure is None or data.version > erasure.version:
                counting.append(event)
                returned |= {event.person_id} & standing.keys()
            continue
        if event.person_id not in standing or event.person_id in returned:
            counting.append(event)
            continue
        debt = (event.person_id, str(getattr(data, "debt_id", "")))
        if isinstance(data, DebtPlaced) and event.time > standing[event.person_id].erased_at:
            newer.add(debt)
        if debt in newer:
            counting.append(event)
        elif (origin := places.get(id(event))) is not None:
            aside.append(_aside(event, origin, since=standing[event.person_id].erased_at))
    return SortedOut(
        events=counting, malformed=aside, erased=erased, deferred=deferred, returned=frozenset(returned)
    )


async def list_forbidding(
    connection: Connection, names: Sequence[str], *, now: datetime
) -> dict[str, list[str]]:
    """Return what forbids here that these people are erased, by person; who may be is left out."""
    if not names:
        return {}
    owed: defaultdict[str, list[Debt]] = defaultdict(list)
    for debt in await debts.read_debts(connection, names):
        owed[debt.person_id].append(debt)
    bound = await suppressions.read_suppressions(connection, names)
    forbidden: dict[str, list[str]] = {}
    for name in names:
        waiting = await hand_offs.list_waiting(connection, person=name)
        said = [(reply.reply_id, reply.kinds) for reply in waiting]
        if forbids := forbidding_erasure(owed[name], bound.get(name, ()), said, now=now):
            forbidden[name] = forbids
    return forbidden


async def defer_erasures(connection: Connection, deferred: Mapping[str, Erasure], *, now: datetime) -> None:
    """Have the erasure of these people, whom the caller has locked, wait; nothing is sent to them meanwhile.

    What is unsent is given up, and a hold that nothing passes binds them until they are erased, or return.
    """
    if not deferred:
        return
    await _give_up(connection, sorted(deferred), now=now)
    await erasures.defer_erasures(connection, deferred, now=now)
    holds = [
        Suppression(
            suppression_id=f"erasure:{name}:{erasure.version}",
            person_id=name,
            address=None,
            channel=None,
            kind=HoldKind.PAUSE,
            at=erasure.erased_at,
        )
        for name, erasure in deferred.items()
    ]
    await suppressions.record_suppressions(connection, holds, origin=suppressions.OF_ERASURES, now=now)
    log.warning("an erasure waits for what forbids it here", people=len(deferred))


async def note_newer(connection: Connection, told: Mapping[str, int], *, now: datetime) -> None:
    """End the wait of those of whom preferences told a newer version than their erasure: they are back."""
    returning = await erasures.list_returning(connection, told) if told else set()
    if returning:
        await erasures.end_deferral(connection, returning)
        await suppressions.lift_holds_of_erasures(connection, returning, by="preferences", now=now)


async def erase_people(connection: Connection, erased: Mapping[str, Erasure], *, now: datetime) -> None:
    """Forget these people, whom the caller has locked: what is unsent is given up, what is known deleted.

    Of what was sent there stays that, when, by which channel, decision and policy. What they closed at an
    address binds whoever has it, by its digest.
    """
    if not erased:
        return
    names = sorted(erased)
    held = await erasures.count_held(connection, names)
    await _give_up(connection, names, now=now)
    spelled = await erasures.list_addresses_of(connection, names)
    canonical = {address: comparable(address) for address in spelled}
    by_canonical = await digest_addresses(connection, set(canonical.values()))
    digests = {address: by_canonical[canonical[address]] for address in spelled}
    had = await erasures.list_had_by_others(connection, digests, people=names)
    situations = [
        StoredSituation(one.decision_id, left := without_numbers(one.situation), name_of(left))
        for one in await erasures.list_situations(connection, names)
    ]
    await erasures.keep_situations(connection, situations)
    subjects = {*names, *await erasures.list_subjects(connection, names)}
    await acts.forget_reasons(connection, subjects, addresses=spelled)
    await quarantine.forget(connection, keys=names, texts=[one for one in spelled if one not in had])
    await erasures.forget_people(connection, names, digests=digests, had=had)
    await erasures.record_erased(connection, erased, held=held)
    log.info("erased", people=len(names))


async def _give_up(connection: Connection, names: Sequence[str], *, now: datetime) -> None:
    unsent = {touch.touch_id: touch for touch in await touches.read_unsent(connection, names)}
    cancelled = await touches.cancel_touches(
        connection, list(unsent), reason=ScheduleReason.NO_LONGER_WANTED, now=now
    )
    news = [
        announce.cancelled(unsent[touch_id], reason=ScheduleReason.NO_LONGER_WANTED, now=now)
        for touch_id in sorted(cancelled)
    ]
    await outbox.append(connection, news, source=announce.SOURCE)


def _erased_by(events: Iterable[Event], known: Mapping[str, Erasure]) -> dict[str, Erasure]:
    """Return whom these erase, who were not erased so before."""
    erased: dict[str, Erasure] = {}
    for event in events:
        data = event.data
        if isinstance(data, PersonErased):
            before = erased.get(event.person_id) or known.get(event.person_id)
            if before is None or data.version > before.version:
                erased[event.person_id] = Erasure(version=data.version, erased_at=data.erased_at)
    return erased


def _not_erasing(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event.data, PersonErased)]


def _place_alone(kept: MalformedRecord) -> MalformedRecord:
    return replace(kept, record=kept.record._replace(value=None, headers=()), reason=ERASED)


def _aside(event: Event, origin: Record, *, since: datetime) -> MalformedRecord:
    return MalformedRecord(
        record=origin._replace(value=None, headers=()),
        reason=ERASED,
        problem=f"subject: was erased on {since:%Y-%m-%d}, so nothing of {event.type} is kept; stop sending"
        " it, or place a new debt first",
        person=None,
    )
