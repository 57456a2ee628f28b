"""The weeks themselves: a clock that jumps to whatever happens next, and the product at work on it."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.records import Record
from outreach.demo.agency import Agency
from outreach.demo.carrier import Carrier
from outreach.demo.happenings import AgencyEvent, Changed, Garbled, Happening, Unsubscribed, Wrote
from outreach.demo.lives import Life
from outreach.demo.population import Resident
from outreach.guidance.guidance import Guidance
from outreach.listening.receipts import hear_receipts
from outreach.listening.replies import hear_reply
from outreach.listening.reply import Reply
from outreach.listening.unsubscribe import unsubscribe
from outreach.model.words import Channel
from outreach.sending.dispatch import Dispatch
from outreach.sending.recover import recover
from outreach.store import touches

#: How records reach the product.
Deliver = Callable[[Sequence[Record]], Awaitable[None]]

_STEP = timedelta(minutes=20)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_RECOVERS_EVERY = timedelta(hours=6)
_RECEIVES_EVERY = timedelta(minutes=45)


@dataclass(slots=True)
class Chronicle:
    """What happened besides what the database knows: for progress and for stories."""

    counts: Counter[str] = field(default_factory=Counter)
    happenings: dict[str, list[Happening]] = field(default_factory=lambda: defaultdict(list))
    #: When outreach heard of each payment, by person and debt.
    payments: set[tuple[str, str, datetime]] = field(default_factory=set)


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
        ends: datetime,
    ) -> None:
        self._lives = {live.resident.person_id: live for live in lives}
        self._database = database
        self._clock = clock
        self._guidance = guidance
        self._deliver = deliver
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

    def arrived(self, channel: Channel, address: str, at: datetime) -> None:
        """Have whoever lives at the address read a message."""
        self.chronicle.counts[channel] += 1
        if (life := self._at.get(address)) is not None:
            self._expect(life.reads(channel, at))

    async def play(
        self, dispatch: Dispatch, carriers: Sequence[Carrier], *, watch: Callable[[datetime], None]
    ) -> None:
        """Live through the weeks; `watch` is told each instant that was reached."""
        for life in self._lives.values():
            self._expect(life.begin())
        while (instant := await self._next()) is not None and instant <= self._ends:
            self._clock.move_to(instant)
            await self._happen()
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
                case AgencyEvent() | Changed() | Garbled():
                    events.append(happening)
                case Wrote():
                    await self._hear(happening)
                case Unsubscribed():
                    await self._unsubscribe(happening)
        if events:
            self._note(events, now)
            await self._deliver([self._agency.record(event) for event in events])

    def _note(self, events: Iterable[AgencyEvent | Changed | Garbled], now: datetime) -> None:
        for event in events:
            self.chronicle.counts["events"] += 1
            if isinstance(event, AgencyEvent) and event.kind == "payment.received":
                self.chronicle.counts["payments"] += 1
                self.chronicle.payments.add((event.person_id, event.data["debt_id"], now))

    async def _hear(self, wrote: Wrote) -> None:
        resident, now = self._lives[wrote.person_id].resident, self._clock.now()
        if resident.phone is None:
            return
        self.chronicle.counts["replies"] += 1
        reply_id = f"reply-{self.chronicle.counts['replies']:05}"
        heard = await hear_reply(
            Reply(
                reply_id=reply_id,
                channel=Channel.SMS,
                address=resident.phone,
                text=wrote.text,
                received_at=now,
            ),
            database=self._database,
            clock=self._clock,
            playbook=self._guidance().playbook,
        )
        if heard.understanding.needs_human:
            self._expect(_human(wrote, reply_id, now))
        elif heard.understanding.understood == "opt_out":
            self._expect([_kept_opt_out(resident, reply_id, now)])

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


def _human(wrote: Wrote, reply_id: str, now: datetime) -> Iterable[Changed]:
    """What preferences publishes: a person's words wait for a human, until one has answered."""
    hold = {"hold_id": reply_id, "kind": "with_human", "since": now.isoformat()}
    yield Changed(
        at=now + timedelta(minutes=1),
        person_id=wrote.person_id,
        why="a human takes over",
        adds={"holds": (hold,)},
    )
    if wrote.answered_after_days is not None:
        yield Changed(
            at=now + timedelta(days=wrote.answered_after_days),
            person_id=wrote.person_id,
            why="a human has answered",
            removes=frozenset({reply_id}),
        )


def _kept_opt_out(resident: Resident, reply_id: str, now: datetime) -> Changed:
    """What preferences publishes once it has heard of a stop."""
    out = {
        "opt_out_id": f"{reply_id}:{resident.person_id}",
        "channel": "sms",
        "address": resident.phone,
        "kind": "opted_out",
        "origin": "reply",
        "at": now.isoformat(),
    }
    return Changed(
        at=now + timedelta(minutes=1),
        person_id=resident.person_id,
        why="the stop is kept",
        adds={"opt_outs": (out,)},
    )
