"""A small world for stories: a real database, providers that record, a clock that only the story moves."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from foundation.clock import ManualClock, parse_instant
from foundation.database import Connection, Database, DatabaseUnavailable
from foundation.records import Record
from outreach.desk.brakes import pause, release_person, resume
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.guidance import Guidance
from outreach.http.links import Links
from outreach.kafka.intake import intake_of
from outreach.listening.receipts import hear_receipts
from outreach.listening.replies import hear_reply
from outreach.listening.reply_effects import Reply, ReplyOutcome
from outreach.listening.unsubscribe import unsubscribe
from outreach.model.message import Message, Sms
from outreach.model.outcome import Accepted, Outcome
from outreach.model.words import Channel
from outreach.planning.replan import replan_everybody
from outreach.providers.receipts import Receipt, ReceiptStatus
from outreach.sending.assembly import Assembly, assemble
from outreach.sending.claim import claim_due_touches
from outreach.sending.claim_result import Call
from outreach.sending.compose import Compose, Routes
from outreach.sending.dispatch import Dispatch
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import FindObstacle, no_obstacle
from outreach.sending.recover import recover
from outreach.sending.send import Sender
from outreach.store import operations
from schemas.registry import EVENT_TYPES
from tests.support.mortal import WorkerDied

SAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "config"

#: Where a story's people live unless it says otherwise.
CHICAGO = {"country": "US", "region": "IL", "postal_code": "60614"}


@dataclass
class RecordingProvider:
    """Accepts everything, unless `answers` holds outcomes for the next calls; keeps what it was handed.

    While `dies` is set the worker dies in the call; while `hangs` is set the call waits for it.
    `passes` is told before the message is handed over, and before the answer is.
    """

    name: str
    channel: Channel
    sent: list[Any] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    dies: bool = False
    hangs: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)
    passes: Callable[[str], None] = lambda _: None

    async def send(self, message: Message) -> Outcome:
        self.passes("call")
        self.sent.append(message)
        self.passes("answer")
        self.called.set()
        if self.dies:
            raise WorkerDied
        if self.hangs is not None:
            await self.hangs.wait()
        return (
            self.answers.pop(0)
            if self.answers
            else Accepted(f"{self.name}-{len(self.sent)}-{message.attempt_id}")
        )

    async def close(self) -> None:
        return None


def guidance_of(files: Mapping[str, str] | None = None, *, config: Path = SAMPLE) -> Guidance:
    """Return what a folder says, with these files in place of its own; the same is read once per run."""
    return _read_guidance(tuple(sorted({**read_folder(config), **(files or {})}.items())))


@lru_cache
def _read_guidance(files: tuple[tuple[str, str], ...]) -> Guidance:
    return read_guidance(dict(files))


class AwayDatabase(Database):
    """Nobody answers."""

    def transaction(self) -> AbstractAsyncContextManager[Connection]:  # type: ignore[override]
        """Fail as when no connection can be made."""
        raise DatabaseUnavailable("away")


class World:
    """The product without the outside world."""

    def __init__(
        self,
        database: Database,
        *,
        now: str,
        config: Path = SAMPLE,
        files: dict[str, str] | None = None,
        dispatching: Dispatching | None = None,
    ) -> None:
        self.database = database
        self._truth = database
        self.clock = ManualClock(parse_instant(now))
        self._files = {**read_folder(config), **(files or {})}
        self.guidance: Guidance = guidance_of(files, config=config)
        self.sms = RecordingProvider("twilio", Channel.SMS)
        self.email = RecordingProvider("sendgrid", Channel.EMAIL)
        # No spreading, so that a story can name the instant.
        self.dispatching = dispatching or Dispatching(spread=timedelta(0))
        self.links = Links("a secret for tests only")
        self._versions: dict[str, int] = {}
        self._events = 0
        self._offsets: dict[str, int] = {}
        self._started = False

    @property
    def sent(self) -> list[Message]:
        """Return every message that reached a provider, texts first."""
        return [*self.sms.sent, *self.email.sent]

    async def person(
        self,
        person_id: str = "ada",
        *,
        phone: str | None = "+13125550142",
        email: str | None = "ada@example.com",
        address: dict[str, str] | None = None,
        consents: Iterable[dict[str, Any]] | None = None,
        **snapshot: Any,
    ) -> str:
        """Make a person known, who allows texts and email; later calls change them."""
        if consents is not None:
            snapshot["consents"] = list(consents)
        await self.hears(
            self.snapshot(
                person_id,
                addresses=[address or CHICAGO],
                phones=[{"number": phone, "kind": "mobile"}] if phone else [],
                emails=[{"address": email}] if email else [],
                **snapshot,
            )
        )
        return person_id

    def snapshot(self, person_id: str = "ada", **says: Any) -> dict[str, Any]:
        """Return the next snapshot of a person, who allows texts and email unless it says otherwise."""
        version = self._versions[person_id] = self._versions.get(person_id, 0) + 1
        given_at = (self.clock.now() - timedelta(days=20)).isoformat()
        allowed = [{"channel": each, "basis": "written", "at": given_at} for each in ("sms", "email")]
        data = {
            "person_id": person_id,
            "version": version,
            "changed_at": self.clock.now().isoformat(),
            "names": {"given": person_id.title()},
            "addresses": [CHICAGO],
            "consents": allowed,
        }
        return self.happens("person.snapshot", to=person_id, **{**data, **says})

    async def debt(self, person: str, debt_id: str = "d1", *, balance: str = "240.00", **data: Any) -> str:
        """Place a debt with the agency."""
        await self.hears(self.places(person, debt_id, balance=balance, **data))
        return debt_id

    def places(
        self, person: str, debt_id: str = "d1", *, balance: str = "240.00", **data: Any
    ) -> dict[str, Any]:
        """Return a `debt.placed`."""
        return self.happens(
            "debt.placed",
            to=person,
            debt_id=debt_id,
            creditor="northwind",
            role="third_party",
            reference=f"NW-{debt_id}",
            balance=usd(balance),
            **data,
        )

    def happens(self, kind: str, *, to: str, at: datetime | str | None = None, **data: Any) -> dict[str, Any]:
        """Return an event of the agency's systems, as a CloudEvent."""
        self._events += 1
        time = self.clock.now() if at is None else at
        return {
            "specversion": "1.0",
            "id": f"e{self._events}",
            "source": "agency",
            "type": f"{kind}.v1",
            "subject": to,
            "time": time if isinstance(time, str) else time.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }

    def record(self, event: dict[str, Any]) -> Record:
        """Return the Kafka record that carries an event."""
        topic = EVENT_TYPES[event["type"]].topic
        offset = self._offsets[topic] = self._offsets.get(topic, -1) + 1
        return Record(
            topic,
            0,
            offset,
            event["subject"].encode(),
            msgspec.json.encode(event),
            (("content-type", b"application/cloudevents+json"),),
        )

    async def hears(self, *events: dict[str, Any]) -> None:
        """Read these events as one batch."""
        await self.reads([self.record(each) for each in events])

    async def reads(self, records: Sequence[Record]) -> None:
        """Read these records as one batch."""
        await self._start()
        intake = intake_of(database=self.database, clock=self.clock, playbook=lambda: self.guidance.playbook)
        await intake.handle(records)

    @property
    def away(self) -> Database:
        """A database that is out of reach for whoever asks."""
        return AwayDatabase(self._truth.connections)

    @contextmanager
    def on(self, database: Database) -> Iterator[None]:
        """Have the product work on another database for a while; the story still asks its own."""
        before, self.database = self.database, database
        try:
            yield
        finally:
            self.database = before

    async def works_until(self, instant: str) -> None:
        """Send whatever falls due, at the very second it does, until an instant."""
        end = parse_instant(instant)
        await self.works()
        while (due := await self._next_due()) is not None and due <= end:
            self.clock.move_to(max(due, self.clock.now() + timedelta(seconds=1)))
            await self.works()
        self.clock.move_to(end)
        await self.works()

    async def works(self) -> None:
        """Send what is due now and recover what died."""
        await self.recovers()
        await self.dispatch().send_due()

    async def recovers(self) -> int:
        """Settle what a worker that died left behind."""
        await self._start()
        return await recover(database=self.database, clock=self.clock, playbook=self.guidance.playbook)

    async def claims(self, *, guidance: Guidance | None = None) -> list[Call]:
        """Decide what is due without calling anybody; return the calls."""
        await self._start()
        calls, _ = await claim_due_touches(
            guidance or self.guidance,
            database=self.database,
            clock=self.clock,
            compose=self.compose,
            dispatching=self.dispatching,
        )
        return calls

    async def calls(self, calls: Iterable[Call]) -> None:
        """Make calls that were claimed before, one after the other."""
        sender = self.sender()
        for each in calls:
            await sender.send(each)

    async def calls_and_dies(self, call: Call) -> None:
        """Make a call and die in it."""
        provider = self._provider(call)
        provider.dies = True
        with suppress(WorkerDied):
            await self.sender().send(call)
        provider.dies = False

    @asynccontextmanager
    async def slow_call(self, call: Call) -> AsyncIterator[None]:
        """Be in the middle of a call; its answer comes at the end."""
        provider = self._provider(call)
        provider.hangs, provider.called = asyncio.Event(), asyncio.Event()
        calling = asyncio.create_task(self.sender().send(call))
        await provider.called.wait()
        yield
        provider.hangs.set()
        await calling
        provider.hangs = None

    def _provider(self, call: Call) -> RecordingProvider:
        return self.sms if call.provider == self.sms.name else self.email

    async def hears_receipts(self, *receipts: Receipt, provider: str = "twilio") -> int:
        """Take receipts as a verified webhook does."""
        return await hear_receipts(
            receipts,
            provider=provider,
            database=self.database,
            clock=self.clock,
            playbook=self.guidance.playbook,
        )

    async def told(self, call: Call, status: str, **says: Any) -> int:
        """Take one receipt about a call."""
        return await self.hears_receipts(self.receipt(call, status, **says))

    def receipt(self, call: Call, status: str, **says: Any) -> Receipt:
        """Return a receipt about a call."""
        self._events += 1
        return Receipt(
            event_id=f"receipt{self._events}",
            attempt_id=call.attempt_id,
            provider_message_id=None,
            status=ReceiptStatus(status),
            **says,
        )

    def begins_events_at(self, number: int) -> None:
        """Number events from here on, so that two worlds on one database do not mint the same ids."""
        self._events = number

    async def pauses(self, **narrowed: str) -> None:
        """Have operations staff hold back what these words narrow it to."""
        every = {"creditor": None, "play": None, "channel": None}
        await pause(**{**every, **narrowed}, by="staff", database=self.database, clock=self.clock)

    async def resumes(self, **narrowed: str) -> int:
        """End such a pause."""
        every = {"creditor": None, "play": None, "channel": None}
        return await resume(
            **{**every, **narrowed}, spread=timedelta(0), database=self.database, clock=self.clock
        )

    async def releases(self, person: str) -> int:
        """Have a human hand a person back to automation."""
        return await release_person(person, by="staff", database=self.database, clock=self.clock)

    async def replans(self) -> int:
        """Have the playbook take hold of everybody's plan."""
        return await replan_everybody(
            database=self.database, clock=self.clock, playbook=self.guidance.playbook
        )

    async def answers(
        self, text: str, *, phone: str = "+13125550142", reply_id: str | None = None
    ) -> ReplyOutcome:
        """Have somebody text us."""
        self._events += 1
        reply = Reply(
            reply_id=reply_id or f"SM{self._events:032}",
            channel=Channel.SMS,
            address=phone,
            text=text,
            received_at=self.clock.now(),
        )
        return await hear_reply(
            reply, database=self.database, clock=self.clock, playbook=self.guidance.playbook
        )

    async def unsubscribes(self, person: str = "ada", address: str = "ada@example.com") -> None:
        """Have somebody press the button."""
        await unsubscribe(person_id=person, address=address, database=self.database, clock=self.clock)

    async def has_a_text_due(self, person: str = "ada", debt_id: str = "d1") -> None:
        """Plan one text for now and nothing else: thanks for a payment."""
        await self.hears(*self.thanks(person, debt_id))

    def thanks(self, person: str, debt_id: str = "d1") -> list[dict[str, Any]]:
        """Return a debt and a payment of it, for which thanks are due at once."""
        paid = self.happens(
            "payment.received",
            to=person,
            debt_id=debt_id,
            payment_id=f"of-{debt_id}",
            amount=usd("40.00"),
            balance=usd("200.00"),
        )
        return [self.places(person, debt_id), paid]

    async def touches(self, person: str = "ada") -> dict[str, str]:
        """Return the status of every touch of a person, by play and occasion."""
        rows = await self.rows(
            "SELECT play, occasion, status FROM touches WHERE person_id = $1 ORDER BY play, occasion", person
        )
        return {f"{each['play']} {each['occasion']}": each["status"] for each in rows}

    async def touch(self, play: str = "thank_you", person: str = "ada") -> dict[str, Any]:
        """Return the one touch of a play as it is stored."""
        (row,) = await self.rows("SELECT * FROM touches WHERE play = $1 AND person_id = $2", play, person)
        return row

    async def called(self, play: str, person: str = "ada") -> int:
        """Return how often a play's touches of a person passed the gate."""
        count: int = await self.asks(
            """SELECT count(*) FROM attempts JOIN touches USING (touch_id)
                WHERE called_at IS NOT NULL AND play = $1 AND touches.person_id = $2""",
            play,
            person,
        )
        return count

    async def status(self, person: str = "ada", play: str = "thank_you") -> str:
        """Return where the one touch of a play stands."""
        return str((await self.touch(play, person))["status"])

    async def ledger(self, person: str = "ada") -> list[str]:
        """Return what became of each contact with a person, in order; `reserved` where nobody knows yet."""
        rows = await self.rows("SELECT outcome FROM contacts WHERE person_id = $1 ORDER BY at", person)
        return [each["outcome"] or "reserved" for each in rows]

    async def published(self, topic: str = "outreach.touches.v1", *, to: str | None = None) -> list[str]:
        """Return the types of the events in the outbox of a topic, in order."""
        rows = await self.rows(
            "SELECT type FROM outbox WHERE topic = $1 AND ($2::text IS NULL OR key = $2) ORDER BY position",
            topic,
            to,
        )
        return [each["type"].removesuffix(".v1") for each in rows]

    async def runs(self, statement: str, *arguments: Any) -> None:
        """Change the database behind the product's back."""
        async with self._truth.transaction() as connection:
            await connection.execute(statement, *arguments)

    async def asks(self, query: str, *arguments: Any) -> Any:
        """Return one value from the database."""
        async with self._truth.transaction() as connection:
            return await connection.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Return rows from the database."""
        async with self._truth.transaction() as connection:
            return [dict(each) for each in await connection.fetch(query, *arguments)]

    @property
    def compose(self) -> Compose:
        return Compose(
            routes=Routes(
                providers={Channel.SMS: "twilio", Channel.EMAIL: "sendgrid"},
                sms_sender="MG" + "0" * 32,
                email_from="hello@harbor.example.com",
                status_url="https://outreach.example.com/webhooks/twilio/status",
                unsubscribe_url="https://outreach.example.com/unsubscribe/",
            ),
            sign=self.links.sign,
        )

    def sender(self, *, monotonic: Callable[[], float] = time.monotonic) -> Sender:
        """Return what makes calls."""
        return self._assemble(monotonic=monotonic).sender

    def dispatch(self, *, find_obstacle: FindObstacle = no_obstacle, workers: int = 50) -> Dispatch:
        """Return what sends."""
        return self._assemble(find_obstacle=find_obstacle, workers=workers).dispatch

    def _assemble(
        self,
        *,
        find_obstacle: FindObstacle = no_obstacle,
        workers: int = 50,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Assembly:
        return assemble(
            database=self.database,
            clock=self.clock,
            guidance=lambda: self.guidance,
            compose=self.compose,
            providers=[self.sms, self.email],
            dispatching=replace(self.dispatching, workers=workers),
            find_obstacle=find_obstacle,
            monotonic=monotonic,
        )

    async def puts_in_force(self, guidance: Guidance) -> None:
        """Switch to another version of the config, as a replica's tick does."""
        self.guidance = guidance
        async with self._truth.transaction() as connection:
            await operations.switch_config(
                connection,
                version=guidance.version,
                policy=guidance.policy.version,
                content=self._files,
                by=None,
                now=self.clock.now(),
            )

    async def _start(self) -> None:
        if not self._started:
            self._started = True
            await self.puts_in_force(self.guidance)

    async def _next_due(self) -> datetime | None:
        due: datetime | None = await self.asks(
            """SELECT min(at) FROM (
                 SELECT min(due_at) AS at FROM touches WHERE status IN ('planned', 'waiting')
                 UNION ALL SELECT min(leased_until) FROM attempts WHERE settled_at IS NULL) AS next"""
        )
        return due


def usd(amount: str) -> dict[str, str]:
    """Return an amount as events write it."""
    return {"amount": amount, "currency": "USD"}


def texts(messages: Iterable[Message]) -> list[str]:
    """Return what people read: the body of a text, the plain part of an email."""
    return [each.body if isinstance(each, Sms) else each.text for each in messages]
