"""One person with very many debts and events: how long others wait for the batch and the claim they share with them.

Every figure is the slowest of its kind, in processor time of this process and PostgreSQL together. They take turns, so
that is how long it takes on a machine that does nothing else, and others who use the machine do not change it.
`by_the_clock` stands beside it.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench import agency, cpu, rig
from bench.agency import Published
from bench.figures import Figure
from bench.servers import Postgres
from foundation.database import Database
from foundation.intake import Intake
from outreach.guidance.guidance import Guidance
from outreach.sending.claim import claim_due_touches
from outreach.sending.dispatching import Dispatching
from schemas.envelope import Event

_GREEDY = 0
_OTHERS = range(1, 51)
_BATCH = 500
_ROUNDS = 5
_GOAL = 1000.0


@dataclass(frozen=True, slots=True, order=True)
class _Took:
    """How long something took, in milliseconds."""

    by_the_processor: float
    by_the_clock: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stopwatch:
    """Takes the time of what is done in a `with` block. `server` is PostgreSQL's process."""

    server: int
    taken: list[_Took] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        clock, ours, theirs = time.monotonic_ns(), time.process_time_ns(), cpu.used_by(self.server)
        yield
        worked = (time.process_time_ns() - ours) / 1e6 + (cpu.used_by(self.server) - theirs) * 1e3
        self.taken.append(_Took(worked, (time.monotonic_ns() - clock) / 1e6))

    def since(self, count: int) -> Sequence[_Took]:
        """Return what was taken after the first `count`."""
        return self.taken[count:]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outreach:
    """The product's intake and claim over one database, with a stopwatch at both."""

    database: Database
    guidance: Guidance
    intake: Intake[Event]
    clock: rig.ShiftedClock
    stopwatch: _Stopwatch

    async def hears(self, published: Sequence[Published], *, batch: int = _BATCH) -> Sequence[_Took]:
        """Ingest these in batches; return how long each took."""
        before = len(self.stopwatch.taken)
        for first in range(0, len(published), batch):
            records = agency.as_records(list(published[first : first + batch]))
            with self.stopwatch.running():
                malformed = await self.intake.handle(records)
            assert not malformed, malformed
        return self.stopwatch.since(before)

    async def claims(self, times: int) -> Sequence[_Took]:
        """Claim so often; return how long each claim took."""
        before = len(self.stopwatch.taken)
        for _ in range(times):
            with self.stopwatch.running():
                await claim_due_touches(
                    self.guidance,
                    database=self.database,
                    clock=self.clock,
                    compose=rig.compose(),
                    dispatching=Dispatching(),
                )
        return self.stopwatch.since(before)


async def measure(server: Postgres, *, debts: int, events: int) -> list[Figure]:
    """Have one person owe so many debts, and have so much said of one of them, while others go on."""
    url = await server.migrated("greedy")
    held, clock = rig.guidance(), rig.ShiftedClock(rig.NOON)
    async with Database.open(url, size=8, name="bench") as database:
        await rig.put_in_force(database, held, now=clock.now())
        outreach = _Outreach(
            database=database,
            guidance=held,
            intake=rig.intake(database, held, clock),
            clock=clock,
            stopwatch=_Stopwatch(server=server.pid),
        )
        figures = await _measured(outreach, debts=debts, events=events)
    await server.drop(url)
    return figures


async def _measured(outreach: _Outreach, *, debts: int, events: int) -> list[Figure]:
    now = outreach.clock.now
    long_ago, lately = now() - timedelta(days=30), now() - timedelta(hours=2)
    await outreach.hears([agency.known(n, at=long_ago) for n in (_GREEDY, *_OTHERS)])
    await outreach.hears([agency.placed(n, at=lately) for n in _OTHERS])
    news = [update for round_ in range(_ROUNDS) for update in _news(round_, at=now())]
    alone = await outreach.hears(news, batch=len(_OTHERS))
    placing = await outreach.hears([agency.placed(_GREEDY, f"d{n}", at=lately) for n in range(debts)])
    # A snapshot may change the plan of every debt there is.
    together = [
        event for n in range(_ROUNDS) for event in (_again(n, at=now()), *_news(_ROUNDS + n, at=now()))
    ]
    planning = await outreach.hears(together, batch=1 + len(_OTHERS))
    await _have_all_due(outreach, at_least=debts)
    claiming = await outreach.claims(_ROUNDS)
    telling = await outreach.hears([_told(n, at=lately) for n in range(events)])
    return [
        _figure(f"a batch of others and a snapshot of whoever owes {debts:,} debts", planning, alone=alone),
        _figure(f"placing {debts:,} debts of one person, {_BATCH} in a batch", placing),
        _figure(f"a claim while one person has {debts:,} touches due", claiming),
        _figure(f"{events:,} events of one person, {_BATCH} in a batch", telling),
    ]


async def _have_all_due(outreach: _Outreach, *, at_least: int) -> None:
    due = "UPDATE touches SET due_at = $1 WHERE status = 'planned' AND person_id = $2"
    async with outreach.database.transaction() as connection:
        done = await connection.execute(due, outreach.clock.now(), agency.person_id(_GREEDY))
    assert int(done.split()[-1]) >= at_least, done


def _news(round_: int, *, at: datetime) -> list[Published]:
    return [agency.updated(n, at=at, name=f"news{round_}", balance=f"{100 + round_}.00") for n in _OTHERS]


def _again(round_: int, *, at: datetime) -> Published:
    version = round_ + 2
    language = {"language": "es" if round_ % 2 else "en"}
    snapshot = agency.snapshot(_GREEDY, at=at, version=version) | language
    return agency.event("person.snapshot", _GREEDY, name=str(version), at=at, data=snapshot)


def _told(number: int, *, at: datetime) -> Published:
    data = {"debt_id": agency.debt_id(_GREEDY, "d0"), "balance": agency.usd(f"{100 + number % 900}.00")}
    return agency.event("debt.updated", _GREEDY, name=f"told{number}", at=at, data=data)


def _figure(name: str, took: Sequence[_Took], *, alone: Sequence[_Took] = ()) -> Figure:
    slowest = max(took).by_the_processor
    floor = max(alone).by_the_processor if alone else None
    return Figure(
        name=f"{name}, the slowest of {len(took)}",
        value=slowest,
        unit="ms of processor time",
        floor=floor,
        floor_name="the others alone" if alone else "",
        ratio=slowest / floor if floor else None,
        goal=f"< {_GOAL:,.0f} ms",
        met=slowest < _GOAL,
        details={"by_the_clock_ms": max(one.by_the_clock for one in took)},
    )
