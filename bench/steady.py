"""The whole system under half of the load it can bear: how late due touches are, and what each role's memory does.

Every role is a process of its own, as an agency runs them, with the vendors' simulator sending receipts back.
"""

import asyncio
import contextlib
import shutil
import signal
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import agency, rig
from bench.agency import Published
from bench.figures import Figure, percentile
from bench.ingest import publish
from bench.replicas import megabytes
from bench.servers import Postgres
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.kafka import create_topics
from foundation.local.processes import await_ready, start_server, stop_server
from foundation.settings import KafkaSettings
from schemas import topics
from scripts.parts import Part, Ports, Wiring, secrets_in

ROLES = ("ingest", "dispatch", "relay", "http")
_CLOCK = SystemClock()
_PAUSE = 1.0
CALLED = "SELECT count(*) FROM attempts WHERE called_at IS NOT NULL"
_DELIVERED = "SELECT count(*) FROM attempts WHERE receipt = 'delivered'"
_LATENESS = """
SELECT extract(epoch FROM called_at - planned_for)::float8 * 1000 AS late
  FROM attempts JOIN touches USING (touch_id)
 WHERE attempts.person_id >= $1 AND attempts.person_id < $2 AND called_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The parts that run: how they are wired, and each one's process id."""

    wiring: Wiring
    pids: Mapping[str, int]


async def measure(server: Postgres, kafka: str, *, messages: int, seconds: int) -> list[Figure]:
    """Find out what the system can bear with a burst of payments; then send it half of that, evenly."""
    settings = KafkaSettings(bootstrap_servers=kafka)
    await create_topics(settings, list(topics.TOPICS.values()))
    urls = {
        name: await server.migrated(f"steady_{name}", package=name) for name in ("outreach", "preferences")
    }
    with TemporaryDirectory(prefix="bench-steady-") as home, running(Path(home), urls, kafka) as system:
        async with Database.open(urls["outreach"], size=2, name="bench") as database:
            bears = await burst(database, settings, people=range(messages))
            wanted = max(int(bears / 2 * seconds), 1)
            some = range(messages, messages + wanted)
            memories = await evenly(database, settings, people=some, seconds=seconds, roles=system.pids)
            late = await lateness(database, of=some)
    return [_late(late, bears=bears, seconds=seconds), *(_memory(*memory) for memory in memories.items())]


@contextlib.contextmanager
def running(home: Path, urls: Mapping[str, str], kafka: str) -> Iterator[System]:
    """Run every role in a process of its own."""
    config = home / "config"
    shutil.copytree(rig.CONFIG, config)
    (config / "policy.yaml").write_text("policy: bench\n")
    playbook = (config / "playbook.yaml").read_text()
    # Thanks that are planned a minute ahead are touches with a due time that can be missed.
    assert rig.THANKS in playbook
    (config / "playbook.yaml").write_text(playbook.replace(rig.THANKS, f"{rig.THANKS}    after: 1min\n"))
    limits = {"OUTREACH_SENDGRID__EMAILS_PER_SECOND": "5000"}
    # A play without a past that sends this much is what the volume brake is for.
    limits["OUTREACH_DISPATCH__VOLUME_LEAST"] = "1000000"
    with contextlib.ExitStack() as stack:
        wiring = Wiring(
            ports=stack.enter_context(Ports.reserve()),
            secrets=secrets_in(home / "secrets.json"),
            urls=urls,
            kafka=kafka,
            home=home,
            config=config,
        )
        simulator, preferences, outreach = wiring.parts()
        pids = {"simulator": start_role(stack, simulator, home, {})}
        pids["preferences"] = start_role(stack, preferences, home, {})
        # Only http answers at a URL; the others say that they run.
        pids["http"] = start_role(stack, outreach, home, limits, role="http")
        for role in ROLES[:-1]:
            anywhere = {"OUTREACH_INTERNAL__PORT": "0"}
            pids[role] = start_role(stack, outreach, home, limits | anywhere, role=role)
        yield System(wiring=wiring, pids=pids)


def start_role(
    stack: contextlib.ExitStack, part: Part, home: Path, env: Mapping[str, str], role: str | None = None
) -> int:
    """Start a part of the system, or one role of outreach, until the stack is left; return its process id."""
    name = role or part.name
    record = home / f"{name}.log"
    only = ["--only", role] if role else []
    process = start_server([*part.command, *only], log=record, env={**part.env, **env}, cwd=home)
    stack.callback(stop_server, process, end_with=signal.SIGTERM, within=20)
    await_ready(
        process,
        lambda: '"running"' in record.read_text() or "phones and mailboxes" in record.read_text(),
        name=name,
        log=record,
        within=60,
    )
    return process.pid


async def _meet(database: Database, settings: KafkaSettings, people: range) -> None:
    """Have the system know these people, each with a debt, and wait until it does."""
    at = _CLOCK.now() - timedelta(days=3)
    await publish(settings, [event for n in people for event in _known(n, at)])
    consented = "SELECT count(*) FROM snapshots WHERE json_array_length(snapshot -> 'consents') > 0"
    await until(database, consented, people.stop)
    # Their introductions are due in an hour, when this is over.
    await publish(settings, [agency.placed(n, at=_CLOCK.now()) for n in people])
    await until(database, "SELECT count(*) FROM debts", people.stop)


def _known(number: int, at: datetime) -> list[Published]:
    snapshot = agency.snapshot(number, at=at)
    says = {field: snapshot[field] for field in ("names", "addresses", "emails")}
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    # Told to us directly, so the bench may run at night.
    says["convenient"] = [{"days": days, "begins": "00:00", "ends": "24:00"}]
    consent = {"channel": "email", "basis": "written", "at": snapshot["consents"][1]["at"]}
    return [
        agency.event("person.changed", number, name="1", at=at, data=says),
        agency.event("consent.granted", number, name="2", at=at, data=consent),
    ]


async def burst(database: Database, settings: KafkaSettings, *, people: range) -> float:
    """Return how many messages a second the system sends, receipts and all, when as many as there are people wait."""
    await _meet(database, settings, people)
    paid_at = _CLOCK.now() - timedelta(minutes=2)
    began = time.monotonic()
    await publish(settings, [agency.paid(n, at=paid_at) for n in people])
    await until(database, _DELIVERED, people.stop)
    return len(people) / (time.monotonic() - began)


async def evenly(
    database: Database, settings: KafkaSettings, *, people: range, seconds: int, roles: Mapping[str, int]
) -> dict[str, list[float]]:
    """Have these people pay one after the other, evenly; return each role's memory, a figure a second.

    Each payment is half a minute old, so that its thanks are due in another half.
    """
    await _meet(database, settings, people)
    memories: dict[str, list[float]] = {role: [] for role in roles}
    began, left = time.monotonic(), people
    while left or not await _are_called(database, people.stop):
        due = min(int((time.monotonic() - began) * len(people) / seconds), len(people))
        some = range(left.start, people.start + due)
        paid_at = _CLOCK.now() - timedelta(seconds=30)
        await publish(settings, [agency.paid(n, at=paid_at) for n in some])
        left = range(some.stop, people.stop) if some else left
        for name, pid in roles.items():
            memories[name].append(megabytes(pid))
        await asyncio.sleep(_PAUSE)
    return memories


async def _are_called(database: Database, messages: int) -> bool:
    async with database.transaction() as connection:
        return bool(await connection.fetchval(CALLED) >= messages)


async def until(database: Database, count: str, reached: int) -> None:
    """Wait until a count has reached a number; fail when nothing has moved for a minute."""
    moved_at, before = time.monotonic(), -1
    while True:
        async with database.transaction() as connection:
            now = await connection.fetchval(count)
        if now >= reached:
            return
        if now != before:
            moved_at, before = time.monotonic(), now
        assert time.monotonic() - moved_at < 60, f"stands still at {now} of {reached}: {count}"
        await asyncio.sleep(0.05)


async def lateness(database: Database, *, of: range) -> list[float]:
    """Return how late each message to these people was, in milliseconds."""
    edges = (agency.person_id(of.start), agency.person_id(of.stop))
    async with database.transaction() as connection:
        return [row["late"] for row in await connection.fetch(_LATENESS, *edges)]


def _late(late: Sequence[float], *, bears: float, seconds: int) -> Figure:
    return Figure(
        name=f"lateness of due touches at half load ({len(late) / seconds:,.0f} messages/s for {seconds} s), p99",
        value=percentile(late, 0.99),
        unit="ms",
        details={
            "bears_messages_per_s": bears,
            "p50_ms": percentile(late, 0.5),
            "most_ms": max(late),
            "messages": len(late),
        },
    )


def _memory(role: str, megabytes_by_second: Sequence[float]) -> Figure:
    """Compare the second quarter with the last: the first fills caches and pools.

    The simulator is no role of ours, and remembers every message it was handed.
    """
    quarter = max(len(megabytes_by_second) // 4, 1)
    early = statistics.median(megabytes_by_second[quarter : 2 * quarter] or megabytes_by_second)
    late = statistics.median(megabytes_by_second[-quarter:])
    return Figure(
        name=f"memory of {role} under half load, at most",
        value=max(megabytes_by_second),
        unit="MB",
        goal="< 300 MB, flat" if role != "simulator" else "",
        met=max(megabytes_by_second) < 300 and late < early * 1.1 if role != "simulator" else None,
        details={"second_quarter_mb": early, "last_quarter_mb": late, "seconds": len(megabytes_by_second)},
    )
