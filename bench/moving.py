"""Moving in, from a file to the ledger; and how soon outreach follows a change that preferences has committed."""

import asyncio
import resource
import time
from collections.abc import Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import cpu, rig
from bench.figures import Figure, percentile
from bench.servers import Postgres
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.kafka import create_topics, publishing, subscribing_broker
from foundation.relay import Relay
from foundation.settings import KafkaSettings
from foundation.subscribers import Subscription
from preferences.desk.changing import Change, make_change
from preferences.moving.bring_in import Importing, Report
from preferences.moving.cells import CellReader
from preferences.moving.files import open_file
from schemas import topics
from schemas.envelope import Event
from schemas.people import PersonChanged

_MILLION = 1_000_000
_GOAL_MINUTES = 30
_HEADER = (
    "person_id,given_name,family_name,phone,email,country,region,postal_code,consent_channel,consent_basis,"
    "consent_at,evidence_kind,evidence_reference,opt_out_channel,opt_out_at"
)


async def measure(server: Postgres, kafka: str, *, people: int, changes: int) -> list[Figure]:
    """Import so many people, and follow so many changes one by one."""
    return [await _imported(server, people=people), await _followed(server, kafka, changes=changes)]


async def _imported(server: Postgres, *, people: int) -> Figure:
    url = await server.migrated("moving", package="preferences")
    resident: list[float] = []
    with TemporaryDirectory(prefix="bench-import-") as folder:
        file = Path(folder) / "people.csv"
        file.write_text("\n".join(_rows(people)) + "\n")
        async with Database.open(url, size=2, name="bench") as database:
            importing = Importing(
                database=database,
                clock=SystemClock(),
                reader=CellReader(as_of=SystemClock().now(), country="US"),
                columns={},
                caller="bench",
                commit=True,
            )
            spent = cpu.Meter({"postgres": server.pid})
            report, began = Report(), time.perf_counter()
            await importing.bring_in(
                open_file(file), report, progress=lambda _: resident.append(_memory_mb())
            )
            seconds, processor = time.perf_counter() - began, spent.microseconds_per(people)
    assert (report.rows, report.refused) == (people, []), report.refused[:3]
    await server.drop(url)
    minutes = seconds / people * _MILLION / 60
    settled = resident[len(resident) // 4 :]
    return Figure(
        name=f"import: a file of {people:,} people, each with a consent, one in ten with a stop; a million of them",
        value=minutes,
        unit="min",
        rounds=[people / seconds],
        goal=f"< {_GOAL_MINUTES} min",
        met=minutes < _GOAL_MINUTES,
        details={
            "people_per_second": people / seconds,
            "cpu_us_per_person": processor,
            "statements": sum(report.new.values()),
            "memory_mb_after_a_quarter": settled[0],
            "memory_mb_at_the_end": settled[-1],
        },
    )


def _rows(people: int) -> Iterator[str]:
    yield _HEADER
    for number in range(people):
        # Ids come in no order, as another system's do.
        person = blake2b(str(number).encode(), digest_size=8).hexdigest()
        stop = "sms,2026-06-02T10:00:00Z" if number % 10 == 0 else ","
        yield (
            f"{person},Ada,Example {number},+1{2_125_550_000 + number % 10_000},p{number}@example.com,US,NY,10001,"
            f"email,direct,2026-05-02T10:00:00Z,document,form-{number},{stop}"
        )


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def _followed(server: Postgres, kafka: str, *, changes: int) -> Figure:
    """Change one person after the other, and wait each time until outreach has committed it."""
    settings = KafkaSettings(bootstrap_servers=kafka)
    await create_topics(settings, list(topics.TOPICS.values()))
    ours, theirs = await server.migrated("told", package="preferences"), await server.migrated("following")
    async with (
        Database.open(ours, size=4, name="bench") as preferences,
        Database.open(theirs, size=4, name="bench") as outreach,
    ):
        took = await _one_by_one(preferences, outreach, settings, changes=changes)
    await server.drop(ours)
    await server.drop(theirs)
    return Figure(
        name="a change is committed in preferences → outreach has it, idle system, p99",
        value=percentile(took, 0.99),
        unit="ms",
        rounds=[percentile(took, 0.5), percentile(took, 0.99)],
        goal="< 1000 ms",
        met=percentile(took, 0.99) < 1000,
        details={"p50_ms": percentile(took, 0.5), "most_ms": max(took), "changes": len(took)},
    )


async def _one_by_one(
    preferences: Database, outreach: Database, settings: KafkaSettings, *, changes: int
) -> list[float]:
    held, clock = rig.guidance(), SystemClock()
    handle, followed, stop = (
        rig.intake(outreach, held, rig.ShiftedClock(clock.now())).handle,
        asyncio.Event(),
        asyncio.Event(),
    )

    async def following(records: Any) -> Any:
        malformed = await handle(records)
        followed.set()
        return malformed

    broker = subscribing_broker(settings, client_id="bench")
    Subscription(topic=topics.PEOPLE, group="following", handle=following, clock=clock).attach(broker)
    relay = Relay(database=preferences, producer=partial(publishing, settings, client_id="relay"))
    await broker.start()
    relaying, took = asyncio.create_task(relay.run(stop)), []
    try:
        for number in range(changes + 3):
            followed.clear()
            await _change(preferences, number, clock=clock)
            committed = time.perf_counter()
            async with asyncio.timeout(30):
                await followed.wait()
            took.append((time.perf_counter() - committed) * 1000)
    finally:
        stop.set()
        await relaying
        await broker.stop()
    # The first ones open connections and join groups.
    return took[3:]


async def _change(database: Database, number: int, *, clock: SystemClock) -> None:
    data = PersonChanged.model_validate(
        {"language": "es", "phones": [{"number": f"+1{2_125_550_000 + number}"}]}, strict=False
    )
    event = Event(
        id=f"bench-{number}",
        source="/bench",
        type="person.changed.v1",
        time=clock.now(),
        person_id=f"person-{number}",
        data=data,
    )
    await make_change(
        Change(event=event, digest=event.digest), caller="bench", way="api", database=database, clock=clock
    )
