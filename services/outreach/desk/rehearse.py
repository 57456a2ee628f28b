"""Rehearse: which questions a stream of events would put to the policy. Pure; nothing is written or sent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from outreach.model.contact import Contact
from outreach.model.debt import Debt
from outreach.model.decision import Defer, Send
from outreach.model.known import PersonFacts
from outreach.model.playbook import Playbook
from outreach.model.snapshot import parse_snapshot
from outreach.model.touch import DesiredTouch, FinishedTouch, Touch, TouchStatus
from outreach.model.words import Channel, ContactOutcome, Direction
from outreach.planning.codebtors import MOST_CODEBTORS, share_money
from outreach.planning.desire import Past, desired_touches
from outreach.planning.record import contact_of, debt_told_of, record_debt_event
from outreach.planning.whereabouts import Whereabouts, whereabouts_of
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation
from outreach.sending.decide import TouchDecision, decide_touches, reservation
from schemas.addresses import comparable
from schemas.contacts import ContactRecorded
from schemas.envelope import Event
from schemas.people import PersonSnapshot

#: How long after the last event of a person the rehearsal goes on.
GOES_ON = timedelta(days=60)


def rehearse(events: Iterable[Event], *, playbook: Playbook, policy: Policy) -> Iterator[Situation]:
    """Yield what the policy is asked when these events are heard in their order and plans fall due.

    What `policy` permits is taken for sent, at the instant it names, so that later questions see
    it in the ledger. Facts about people come from snapshots (`people.v1`); somebody without one
    is unreadable, as in the live service.
    """
    by_person: defaultdict[str, list[Event]] = defaultdict(list)
    by_debt: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_person[event.person_id].append(event)
        if (debt_id := debt_told_of(event)) is not None:
            by_debt[debt_id].append(event)
    for person in sorted(by_person):
        life = _Life(person)
        concerning = [*by_person[person], *_of_codebtors(person, by_debt)]
        heard = sorted(concerning, key=lambda event: (event.time, event.source, event.id))
        ends = [*(event.time for event in heard[1:]), heard[-1].time + GOES_ON]
        for event, until in zip(heard, ends, strict=True):
            life.hear(event)
            yield from life.live(event.time, until, playbook=playbook, policy=policy)


def _of_codebtors(person: str, by_debt: Mapping[str, Sequence[Event]]) -> Iterator[Event]:
    """Yield what is told of debts that the person owes with others, under the others' names."""
    for told in by_debt.values():
        owing = {event.person_id for event in told}
        if person in owing and len(owing) <= MOST_CODEBTORS:
            yield from (event for event in told if event.person_id != person)


@dataclass(slots=True)
class _Life:
    """What is known of one person as the events go by. `owing` are debts by id, and by who owes them."""

    person_id: str
    snapshot: PersonSnapshot | None = None
    owing: dict[str, dict[str, Debt]] = field(default_factory=dict)
    ledger: list[Contact] = field(default_factory=list)
    wrote_from: dict[tuple[Channel, str], datetime] = field(default_factory=dict)
    done: dict[tuple[str, str, str], FinishedTouch] = field(default_factory=dict)
    asked: set[UUID] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        data = event.data
        if isinstance(data, PersonSnapshot):
            if self.snapshot is None or self.snapshot.version < data.version:
                self.snapshot = data
        elif isinstance(data, ContactRecorded):
            contact = contact_of(data, event.time)
            self.ledger.append(contact)
            if contact.direction is Direction.INBOUND and data.address is not None:
                used = contact.channel, comparable(data.address)
                self.wrote_from[used] = max(contact.at, self.wrote_from.get(used, contact.at))
        elif (debt_id := debt_told_of(event)) is not None:
            owing = self.owing.setdefault(debt_id, {})
            debt = owing.get(event.person_id) or Debt(person_id=event.person_id, debt_id=debt_id)
            owing[event.person_id] = record_debt_event(debt, event)
            if len(owing) > 1:
                owing.update({shared.person_id: shared for shared in share_money([*owing.values()])})

    @property
    def debts(self) -> dict[str, Debt]:
        """What the person owes: with money that others who owe it too have paid."""
        return {
            debt_id: owing[self.person_id] for debt_id, owing in self.owing.items() if self.person_id in owing
        }

    def live(
        self, begins: datetime, ends: datetime, *, playbook: Playbook, policy: Policy
    ) -> Iterator[Situation]:
        """Ask about everything that falls due before `ends`, one after the other."""
        now = begins
        while (wanted := self._next(now, ends, playbook)) is not None:
            now = max(wanted.due_at, now)
            self.asked.add(wanted.touch_id)
            snapshot = parse_snapshot(self.snapshot.model_dump_json()) if self.snapshot else None
            known = PersonFacts(
                snapshot=snapshot, debts=self.debts, ledger=tuple(self.ledger), wrote_from=self.wrote_from
            )
            (decided,) = decide_touches([_touch(wanted)], later=(), known=known, policy=policy, now=now)
            yield decided.chosen.situation
            self._remember(wanted, decided)

    def _next(self, now: datetime, ends: datetime, playbook: Playbook) -> DesiredTouch | None:
        past = Past(done=self.done, last_heard=self._last_heard(), whereabouts=self._whereabouts())
        open_ones = [
            desired_touch
            for desired_touch in desired_touches(self.debts.values(), playbook=playbook, past=past, now=now)
            if desired_touch.touch_id not in self.asked and max(desired_touch.due_at, now) < ends
        ]
        return min(
            open_ones, key=lambda open_one: (max(open_one.due_at, now), open_one.priority), default=None
        )

    def _remember(self, wanted: DesiredTouch, decided: TouchDecision) -> None:
        match decided.chosen.decision:
            case Send():
                at, status = decided.chosen.situation.now, TouchStatus.ACCEPTED
            case Defer(until=until):
                at, status = until, TouchStatus.ACCEPTED
            case _:
                at, status = decided.chosen.situation.now, TouchStatus.SUPPRESSED
        if status is TouchStatus.ACCEPTED:
            self.ledger.append(reservation(decided.touch, decided.chosen.channel, at))
        finished = FinishedTouch(
            self.person_id, wanted.debt_id, wanted.play, wanted.occasion, status, decided.chosen.channel, at
        )
        self.done[wanted.debt_id, wanted.play, wanted.occasion] = finished

    def _whereabouts(self) -> Whereabouts:
        snapshot = self.snapshot
        return whereabouts_of(parse_snapshot(snapshot.model_dump_json()) if snapshot else None)

    def _last_heard(self) -> datetime | None:
        heard = (
            contact.at
            for contact in self.ledger
            if contact.direction is Direction.INBOUND or contact.outcome is ContactOutcome.ANSWERED
        )
        return max(heard, default=None)


def _touch(wanted: DesiredTouch) -> Touch:
    """Return what is stored of a touch that was just planned."""
    planned = {field: getattr(wanted, field) for field in DesiredTouch.__struct_fields__}
    return Touch(
        **planned, planned_for=wanted.due_at, status=TouchStatus.PLANNED, reason=None, until=None, tries=0
    )
