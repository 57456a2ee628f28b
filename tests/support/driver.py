"""The product without the outside world, driven step by step."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from foundation.clock import ManualClock, parse_instant
from foundation.database import Connection, Database, DatabaseUnavailable
from foundation.records import Record
from outreach.guidance.files.folder import PLAYBOOK, read_folder, read_guidance
from outreach.guidance.guidance import Guidance
from outreach.http.links import Links, ReplyAddresses
from outreach.kafka.intake import intake_of
from outreach.listening.receipts import hear_receipts
from outreach.model.message import Message
from outreach.model.words import Channel
from outreach.planning.replan import replan_everybody
from outreach.providers.receipts import Receipt
from outreach.sending.assembly import Assembly, assemble
from outreach.sending.claim import claim_due_touches
from outreach.sending.claim_result import Call
from outreach.sending.compose import CenterLinks, Compose, Routes
from outreach.sending.dispatch import Dispatch
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import FindObstacle, no_obstacle
from outreach.sending.pace import Pace
from outreach.sending.recover import recover
from outreach.sending.send import Sender
from outreach.store import operations
from tests.support.happenings import Happenings
from tests.support.mortal import WorkerDied
from tests.support.recording import RecordingProvider
from tests.support.stored import Stored

SAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "config"
_THANKS = "  thank_you:\n    on: payment.received\n"


def guidance_of(files: Mapping[str, str] | None = None, *, config: Path = SAMPLE) -> Guidance:
    """Return what a folder says, with these files in place of its own; the same is read once per run."""
    return _read_guidance(tuple(sorted({**files_of(config), **(files or {})}.items())))


def files_of(config: Path) -> dict[str, str]:
    """Return the files of a folder; its thanks wait for nothing, so that a story can name the instant."""
    files = read_folder(config)
    return {**files, PLAYBOOK: files[PLAYBOOK].replace(_THANKS, f'{_THANKS}    after: "0min"\n')}


@lru_cache
def _read_guidance(files: tuple[tuple[str, str], ...]) -> Guidance:
    return read_guidance(dict(files))


class AwayDatabase(Database):
    """Nobody answers."""

    def transaction(self) -> AbstractAsyncContextManager[Connection]:  # type: ignore[override]
        """Fail as when no connection can be made."""
        raise DatabaseUnavailable("away")

    def reading(self) -> AbstractAsyncContextManager[Connection]:  # type: ignore[override]
        """Fail as when no connection can be made."""
        raise DatabaseUnavailable("away")


class Driver(Happenings, Stored):
    """The product on a real database, with providers that record and a clock that only the story moves."""

    def __init__(
        self,
        database: Database,
        *,
        now: str,
        config: Path = SAMPLE,
        files: dict[str, str] | None = None,
        dispatching: Dispatching | None = None,
    ) -> None:
        Happenings.__init__(self, ManualClock(parse_instant(now)))
        Stored.__init__(self, database)
        self.database = database
        self._files = {**files_of(config), **(files or {})}
        self.guidance: Guidance = guidance_of(files, config=config)
        self.sms = RecordingProvider("twilio", Channel.SMS)
        self.email = RecordingProvider("sendgrid", Channel.EMAIL)
        # No spreading, so that a story can name the instant.
        self.dispatching = dispatching or Dispatching(spread=timedelta(0))
        self.links = Links("a secret for tests only")
        self.reply_addresses = ReplyAddresses("a secret for tests only", domain="reply.example.com")
        #: The links to the preference center that messages carry; none unless a story sets them.
        self.center: CenterLinks | None = None
        self._started = False

    @property
    def sent(self) -> list[Message]:
        """Return every message that reached a provider, texts first."""
        return [*self.sms.sent, *self.email.sent]

    @property
    def away(self) -> Database:
        """A database that is out of reach for whoever asks."""
        return AwayDatabase(self._truth.connections)

    def moves_to(self, database: Database) -> None:
        """Go on with another database, as whoever is started anew does."""
        self.database = self._truth = database

    @contextmanager
    def on(self, database: Database) -> Iterator[None]:
        """Have the product work on another database for a while; the story still asks its own."""
        before, self.database = self.database, database
        try:
            yield
        finally:
            self.database = before

    async def hears(self, *events: dict[str, Any]) -> None:
        """Read these events as one batch."""
        await self.reads([self.record(event) for event in events])

    async def reads(self, records: Sequence[Record]) -> None:
        """Read these records as one batch."""
        await self._start()
        intake = intake_of(database=self.database, clock=self.clock, playbook=lambda: self.guidance.playbook)
        await intake.handle(records)

    async def works_until(self, instant: str) -> None:
        """Send whatever falls due, at the very second it does, until an instant."""
        end = parse_instant(instant)
        await self.works()
        while (due := await self.next_due()) is not None and due <= end:
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
        for call in calls:
            await sender.send(call)

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

    async def replans(self) -> int:
        """Have the playbook take hold of everybody's plan."""
        return await replan_everybody(
            database=self.database, clock=self.clock, playbook=self.guidance.playbook
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
            reply_address=self.reply_addresses.of,
            center=self.center,
        )

    def sender(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        find_obstacle: FindObstacle = no_obstacle,
    ) -> Sender:
        """Return what makes calls."""
        return self._assemble(monotonic=monotonic, find_obstacle=find_obstacle).sender

    def dispatch(
        self,
        *,
        find_obstacle: FindObstacle = no_obstacle,
        workers: int = 50,
        paces: Mapping[str, Pace] | None = None,
    ) -> Dispatch:
        """Return what sends."""
        return self._assemble(find_obstacle=find_obstacle, workers=workers, paces=paces).dispatch

    def _assemble(
        self,
        *,
        find_obstacle: FindObstacle = no_obstacle,
        workers: int = 50,
        monotonic: Callable[[], float] = time.monotonic,
        paces: Mapping[str, Pace] | None = None,
    ) -> Assembly:
        return assemble(
            database=self.database,
            clock=self.clock,
            guidance=lambda: self.guidance,
            compose=self.compose,
            providers=[self.sms, self.email],
            paces=paces,
            dispatching=replace(self.dispatching, workers=workers),
            find_obstacle=find_obstacle,
            monotonic=monotonic,
        )

    async def _start(self) -> None:
        if not self._started:
            self._started = True
            await self.puts_in_force(self.guidance)
