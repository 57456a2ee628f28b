"""Erase: whoever was erased is forgotten here too, and nothing comes of what others still say of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from foundation import acts, outbox, quarantine
from foundation.database import Connection
from foundation.quarantine import ERASED, MalformedRecord
from foundation.records import Record
from outreach.announcing import touches as announce
from outreach.model.words import ScheduleReason
from outreach.planning.erased import name_of, without_numbers
from outreach.store import debts, erasures, people, touches
from outreach.store.digests import digest_addresses
from outreach.store.erasures import Erasure, StoredSituation
from schemas.addresses import comparable
from schemas.debts import DebtPlaced
from schemas.envelope import Event
from schemas.people import PersonErased, PersonSnapshot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedOut:
    """Events that count, what is kept aside, who is to be erased, and who is known again since."""

    events: Sequence[Event]
    malformed: Sequence[MalformedRecord]
    erased: Mapping[str, Erasure]
    returned: frozenset[str]


async def sort_out(
    connection: Connection,
    events: Sequence[Event],
    malformed: Sequence[MalformedRecord],
    *,
    origins: Iterable[tuple[Event, Record | None]],
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
    standing = {**{name: one for name, one in known.items() if one.stands}, **erased}
    latest = {**known, **erased}
    if not latest:
        return SortedOut(events=_not_erasing(events), malformed=malformed, erased={}, returned=frozenset())
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
    return SortedOut(events=counting, malformed=aside, erased=erased, returned=frozenset(returned))


async def erase_people(connection: Connection, erased: Mapping[str, Erasure], *, now: datetime) -> None:
    """Forget these people, whom the caller has locked: what is unsent is given up, what is known deleted.

    Of what was sent there stays that, when, by which channel, decision and policy. What they closed at an
    address binds whoever has it, by its digest.
    """
    if not erased:
        return
    names = sorted(erased)
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
    await erasures.record_erased(connection, erased)
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
