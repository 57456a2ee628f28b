"""What is wrong, as a service says it about itself to whoever starts, stops and watches it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from foundation import recovery
from foundation.caught_up import CaughtUpWatch
from foundation.clock import Clock
from foundation.database import Database
from foundation.kafka_reach import why_out_of_reach
from foundation.revisions import why_schema_differs
from foundation.settings import KafkaSettings
from foundation.subscribers import Subscription

#: Returns what is wrong in a few words, or None. Words only: no people's data, no secrets.
Check = Callable[[], Awaitable[str | None]]


#: Twice, for a broker may say that it is elsewhere: less than a check may take.
_KAFKA_ANSWERS_WITHIN = timedelta(seconds=1.4)
_FLOODED = "stopped: too many malformed records in a row"


@dataclass(frozen=True, slots=True)
class Report:
    """The answers of all checks, each `ok` or what is wrong; those in `notes` are only told."""

    checks: Mapping[str, str]
    notes: frozenset[str] = frozenset()

    @property
    def ok(self) -> bool:
        return all(check == "ok" for name, check in self.checks.items() if name not in self.notes)

    def as_json(self) -> dict[str, Any]:
        """Return what is answered, naming the process: whoever started one knows whether this is it."""
        status = "ok" if self.ok else "failing"
        return {"status": status, "checks": dict(self.checks), "process": os.getpid()}


class Health:
    """A registry of checks. Liveness asks for a restart, readiness for patience: few belong to the first."""

    def __init__(self, *, answers_within: timedelta = timedelta(seconds=3)) -> None:
        self._answers_within = answers_within
        self._live: dict[str, Check] = {}
        self._ready: dict[str, Check] = {}
        self._notes: set[str] = set()

    def add(self, name: str, check: Check, *, restart_helps: bool = False) -> None:
        """Ask `check` for readiness, and for liveness too if a restart would help against it."""
        self._ready[name] = check
        self._notes.discard(name)
        if restart_helps:
            self._live[name] = check

    def add_note(self, name: str, check: Check) -> None:
        """Tell what `check` answers beside the others, without being less ready; `add` may ask more."""
        self._ready[name] = check
        self._notes.add(name)

    async def live(self) -> Report:
        return await self._ask(self._live)

    async def ready(self) -> Report:
        return await self._ask(self._ready)

    async def _ask(self, checks: Mapping[str, Check]) -> Report:
        # A service that is starting adds some while others are asked.
        names = list(checks)
        answers = await asyncio.gather(*(self._answer(checks[name]) for name in names))
        return Report(dict(zip(names, answers, strict=True)), notes=frozenset(self._notes))

    async def _answer(self, check: Check) -> str:
        try:
            async with asyncio.timeout(self._answers_within.total_seconds()):
                return await check() or "ok"
        except TimeoutError:
            return "no answer"
        except Exception as error:  # noqa: BLE001 (a check that fails is an answer)
            return type(error).__name__


def database_answers(database: Database) -> Check:
    """Check that transactions work: the database answers, may be written to, and failed none lately."""

    async def check() -> str | None:
        async with database.transaction() as connection:
            if await connection.fetchval("SELECT current_setting('transaction_read_only')") == "on":
                return "read-only"
        return database.connections.trouble.recent()

    return check


def schema_is_expected(database: Database, *, package: str) -> Check:
    """Check that the schema is one with which this release of a service works."""

    async def check() -> str | None:
        async with database.transaction() as connection:
            return await why_schema_differs(connection, package=package)

    return check


def knows_its_past(database: Database, *, command: str) -> Check:
    """Check that the database lacks nothing that it had read or published before, or somebody accepted it."""

    async def check() -> str | None:
        async with database.transaction() as connection:
            behind = await recovery.why_behind(connection)
        return f"{behind}: see `{command} recover`" if behind is not None else None

    return check


def kafka_answers(settings: KafkaSettings) -> Check:
    """Check that a broker takes a connection and answers now; else say why none does."""

    async def check() -> str | None:
        return await why_out_of_reach(settings, within=_KAFKA_ANSWERS_WITHIN)

    return check


def reading(
    subscription: Subscription, *, clock: Clock, patience: timedelta = timedelta(seconds=30)
) -> Check:
    """Check that a subscription can make progress: not stopped, not flooded, not failing for long."""

    async def check() -> str | None:
        standing = subscription.standing()
        if not standing.running:
            return "not reading"
        if not subscription.topic_is_there:
            return "the topic is not there"
        if standing.flooded:
            return f"{_FLOODED}; see `quarantine list`, then `quarantine resume`"
        if standing.failing_since and clock.now() - standing.failing_since > patience:
            return f"failing since {standing.failing_since.isoformat()}"
        return None

    return check


def keeping_up(
    watch: CaughtUpWatch,
    *,
    clock: Clock,
    patience: timedelta = timedelta(minutes=5),
    moves_within: timedelta = timedelta(seconds=30),
) -> Check:
    """Check that records are handled within `patience`, and that reading moves at all while some wait.

    A reader that died in silence moves no more; so does one behind a transaction that nobody ends.
    """

    async def check() -> str | None:
        since, stuck = watch.waiting_since, watch.stuck_since
        if stuck and clock.now() - stuck > moves_within:
            return f"makes no progress since {stuck.isoformat()}"
        if since and clock.now() - since > patience:
            return f"behind since {since.isoformat()}"
        return None

    return check
