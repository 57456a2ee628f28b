"""The weeks themselves: a clock that jumps to whatever happens next, and the product at work on it."""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from foundation.acts import Actor, KnownBy
from foundation.by_hand import ByHand
from foundation.clock import ManualClock
from foundation.database import Database
from foundation.records import Record
from outreach.demo.agency import Agency
from outreach.demo.carrier import Carrier
from outreach.demo.happenings import (
    AgencyEvent,
    Answered,
    Garbled,
    Happening,
    Introduced,
    Unsubscribed,
    Visited,
    Wrote,
)
from outreach.demo.lives import Life
from outreach.demo.mailing import answer_by_email
from outreach.demo.neighbor import Preferences
from outreach.demo.visiting import visit
from outreach.desk.releasing import Decided, Decision, release_person
from outreach.guidance.guidance import Guidance
from outreach.http.links import ReplyAddresses
from outreach.listening.mail import ArrivedMail, hear_mail
from outreach.listening.receipts import hear_receipts
from outreach.listening.replies import ReplyOutcome, bind_waiting, hear_reply
from outreach.listening.reply import Reply
from outreach.listening.unsubscribe import unsubscribe
from outreach.model.message import Email, Message, Sms
from outreach.model.words import Channel
from outreach.sending.dispatch import Dispatch
from outreach.sending.recover import recover
from outreach.store import touches
from schemas import topics

#: How records reach the product.
Deliver = Callable[[Sequence[Record]], Awaitable[None]]

_STEP = timedelta(minutes=20)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_RECOVERS_EVERY = timedelta(hours=6)
_RECEIVES_EVERY = timedelta(minutes=45)
#: The forms by which somebody asks for a human.
_FOR_A_HUMAN = frozenset({"talk", "hardship", "not-me"})
_A_HUMAN = Actor(name="dana", known_by=KnownBy.TOKEN)


@dataclass(slots=True)
class Chronicle:
    """What happened besides what the database knows: for progress and for stories."""

    counts: Counter[str] = field(default_factory=Counter)
    happenings: dict[str, list[Happening]] = field(default_factory=lambda: defaultdict(list))
    #: When outreach heard of each payment, by person and debt.
    payments: set[tuple[str, str, datetime]] = field(default_factory=set)
    #: What was done on the pages behind links, as the pages said it was.
    visits: list[Visited] = field(default_factory=list)
    #: Everybody's last link.
    links: dict[str, str] = field(default_factory=dict)


class Weeks:
    """Plays the happenings of all lives, and sends whatever falls due between them.

    Whatever belongs to the same twenty minutes is one batch, as it would be on a slow Kafka.
    """

    def __init__(
        self,
        lives: Iterable[Life],
        *,
        database: Database,
        clock: ManualClock,
        guidance: Callable[[], Guidance],
        deliver: Deliver,
        preferences: Preferences,
        addresses: ReplyAddresses,
        ends: datetime,
    ) -> None:
        self._lives = {live.resident.person_id: live for live in lives}
        self._database = database
        self._clock = clock
        self._guidance = guidance
        self._deliver = deliver
        self._preferences = preferences
        self._addresses = addresses
        self._by_hand = ByHand(database)
        self._is_link = re.compile(rf"{re.escape(preferences.url)}/p/[\w-]+")
        self._ends = ends
        self._agency = Agency(live.resident for live in self._lives.values())
        self._at: dict[str, Life] = {}
        for life in self._lives.values():
            for address in (life.resident.phone, life.resident.email):
                if address is not None:
                    self._at.setdefault(address, life)
        self._coming: list[tuple[datetime, int, Happening]] = []
        self._numbers = count()
        self._recovers_at = self._receives_at = clock.now()
        self.chronicle = Chronicle()

    def arrived(self, message: Message, at: datetime) -> None:
        """Have whoever lives at the address read a message."""
        is_text = isinstance(message, Sms)
        channel = Channel.SMS if is_text else Channel.EMAIL
        self.chronicle.counts[channel] += 1
        if (life := self._at.get(message.to)) is not None:
            found = self._is_link.search(message.body if isinstance(message, Sms) else message.text)
            link = found[0] if found else None
            if link is not None:
                self.chronicle.links[life.resident.person_id] = link
            self._expect(life.reads(message, at, link=link))

    async def play(
        self, dispatch: Dispatch, carriers: Sequence[Carrier], *, watch: Callable[[datetime], None]
    ) -> None:
        """Live through the weeks; `watch` is told each instant that was reached."""
        for life in self._lives.values():
            self._expect(life.begin())
        while (instant := await self._next()) is not None and instant <= self._ends:
            self._clock.move_to(instant)
            await self._happen()
            await self._exchange()
            await self._recover()
            await dispatch.send_due()
            await self._receive(carriers)
            watch(instant)
        self._clock.move_to(self._ends)
        self._receives_at = self._ends
        await self._receive(carriers)
        watch(self._ends)

    def _expect(self, happenings: Iterable[Happening]) -> None:
        for happening in happenings:
            heapq.heappush(self._coming, (happening.at, next(self._numbers), happening))

    async def _next(self) -> datetime | None:
        """Return the end of the batch in which something happens or falls due."""
        async with self._database.transaction() as connection:
            due = await touches.find_next_due(connection)
        instants = [*([due] if due else []), *([self._coming[0][0]] if self._coming else [])]
        if not instants:
            return None
        soonest = max(min(instants), self._clock.now() + timedelta(seconds=1))
        number = (soonest - _EPOCH) // _STEP
        return next(
            end for candidate in (number - 1, number, number + 1) if (end := _batch_end(candidate)) >= soonest
        )

    async def _happen(self) -> None:
        now, events = self._clock.now(), []
        while self._coming and self._coming[0][0] <= now:
            happening = heapq.heappop(self._coming)[2]
            self.chronicle.happenings[happening.person_id].append(happening)
            match happening:
                case AgencyEvent() | Introduced() | Garbled():
                    events.append(happening)
                case Wrote():
                    await self._hear(happening)
                case Visited():
                    await self._visit(happening)
                case Answered():
                    decision = Decision(decided=Decided.NONE, actor=_A_HUMAN)
                    await release_person(
                        happening.person_id, decision, database=self._database, clock=self._clock
                    )
                case Unsubscribed():
                    await self._unsubscribe(happening)
        if events:
            self._note(events, now)
            records = [record for event in events for record in self._agency.records(event)]
            of_people = [record for record in records if record.topic == topics.PERSON_EVENTS]
            others = [record for record in records if record.topic != topics.PERSON_EVENTS]
            if of_people:
                await self._preferences.hear(of_people)
            await self._deliver([*await self._preferences.tell(), *others])

    async def _exchange(self) -> None:
        """Have each service hear what the other says, and bind what people asked for on their pages."""
        if answers := await self._by_hand.take(topics.REPLIES):
            await self._preferences.hear(answers)
        if told := await self._preferences.tell():
            await self._deliver(told)
            await bind_waiting(database=self._database, clock=self._clock, playbook=self._guidance().playbook)

    def _note(self, events: Iterable[AgencyEvent | Introduced | Garbled], now: datetime) -> None:
        for event in events:
            self.chronicle.counts["events"] += 1
            if isinstance(event, AgencyEvent) and event.kind == "payment.received":
                self.chronicle.counts["payments"] += 1
                self.chronicle.payments.add((event.person_id, event.data["debt_id"], now))

    async def _hear(self, wrote: Wrote) -> None:
        phone, now = self._lives[wrote.person_id].resident.phone, self._clock.now()
        self.chronicle.counts["replies"] += 1
        if wrote.answers is not None:
            heard = await self._hear_mail(wrote, wrote.answers, now)
        elif phone is not None:
            heard = await self._hear_text(wrote, phone, now)
        else:
            raise AssertionError("who has no phone sends no text")
        if heard.understanding.needs_human:
            self._expect(_answers(wrote, now))

    async def _hear_text(self, wrote: Wrote, phone: str, now: datetime) -> ReplyOutcome:
        return await hear_reply(
            Reply(
                reply_id=f"reply-{self.chronicle.counts['replies']:05}",
                channel=Channel.SMS,
                address=phone,
                text=wrote.text,
                received_at=now,
            ),
            database=self._database,
            clock=self._clock,
            playbook=self._guidance().playbook,
        )

    async def _hear_mail(self, wrote: Wrote, answers: Email, now: datetime) -> ReplyOutcome:
        inbound = answer_by_email(
            wrote.text,
            answers=answers,
            number=self.chronicle.counts["replies"],
            at=now,
            by_a_program=wrote.by_a_program,
        )
        return await hear_mail(
            ArrivedMail(inbound=inbound, answers=self._addresses.read(inbound.recipients), received_at=now),
            database=self._database,
            clock=self._clock,
            playbook=self._guidance().playbook,
        )

    async def _visit(self, visited: Visited) -> None:
        await visit(visited, answers=self._lives[visited.person_id].resident.answers)
        self.chronicle.counts["visits"] += 1
        self.chronicle.visits.append(visited)
        if visited.action in _FOR_A_HUMAN:
            self._expect(_answers(visited, self._clock.now()))

    async def _unsubscribe(self, pressed: Unsubscribed) -> None:
        resident = self._lives[pressed.person_id].resident
        if resident.email is not None:
            await unsubscribe(
                person_id=resident.person_id,
                address=resident.email,
                database=self._database,
                clock=self._clock,
            )

    async def _recover(self) -> None:
        if self._clock.now() >= self._recovers_at:
            self._recovers_at = self._clock.now() + _RECOVERS_EVERY
            await recover(database=self._database, clock=self._clock, playbook=self._guidance().playbook)

    async def _receive(self, carriers: Iterable[Carrier]) -> None:
        """Hear what became of messages: a vendor gathers its receipts for a while."""
        now = self._clock.now()
        if now < self._receives_at:
            return
        self._receives_at = now + _RECEIVES_EVERY
        receipts = [receipt for carrier in carriers for receipt in carrier.take_receipts()]
        if receipts:
            await hear_receipts(
                receipts,
                provider="file",
                database=self._database,
                clock=self._clock,
                playbook=self._guidance().playbook,
            )


def _batch_end(number: int) -> datetime:
    """Return a minute somewhere in those twenty, so that not all is done at 0, 20 and 40."""
    return _EPOCH + number * _STEP + timedelta(minutes=number * 7 % 20)


def _answers(asked: Wrote | Visited, now: datetime) -> Iterable[Answered]:
    """A human looks at what waits for one, if anybody ever does."""
    if asked.answered_after_days is not None:
        yield Answered(at=now + timedelta(days=asked.answered_after_days), person_id=asked.person_id)
