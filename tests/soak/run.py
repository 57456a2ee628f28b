"""One run: people live while mischief is done; then all is put right, and the referee judges."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiokafka.errors import KafkaError

from foundation.clock import SystemClock
from schemas import topics
from simulator.arrivals import Arrival
from simulator.faults import Fault
from tests.soak.fleet import AT_ONCE, TIMEOUT, Fleet
from tests.soak.inside import leftovers
from tests.soak.load import Load
from tests.soak.mischief import Mischief, deeds_of
from tests.soak.people import Person, Wait, people_of
from tests.soak.record import Record, Refusal, Request
from tests.soak.referee.judge import Violation, judge, unsent
from tests.soak.watch import Watch
from tests.support.eventually import eventually

_CLOCK = SystemClock()
#: As long as nothing is known to be wrong; a run that is right is over long before.
_PATIENCE = 240.0
#: Where it is told who people are.
_OF_PEOPLE = (topics.PERSON_EVENTS, topics.PEOPLE, topics.CONTACTS, topics.DEBTS)
#: How much later than its check a call may begin on a machine that has too much to do, in seconds.
_SLACK = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much happens in one run: people, roles killed, other deeds.

    `over` is within how many seconds people begin to live.
    """

    people: int
    kills: int
    deeds: int
    over: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the referee found in a run, and what was found inside, which is no part of its judgment."""

    record: Record
    violations: Sequence[Violation]
    #: What was still under way, in vain waited for, or had fallen although nobody killed it.
    leftovers: Sequence[str]
    #: How long it took until people were known, had lived, and all was quiet, in seconds.
    took: Sequence[float]
    #: How often a role ended before it ran, so far: while a server is away none can start.
    failed_starts: Mapping[str, int]
    #: What the processes say of themselves, where something did not end.
    complaints: Sequence[str] = ()

    @property
    def is_clean(self) -> bool:
        return not self.violations and not self.leftovers


@asynccontextmanager
async def watching(fleet: Fleet) -> AsyncIterator[Watch]:
    """Watch what the fleet publishes, for as long as the block lasts."""
    watch = Watch(fleet.mortals.kafka_address)
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def run(seed: int, *, fleet: Fleet, watch: Watch, size: Size) -> Verdict:
    """Make one run and judge it."""
    began_at = _CLOCK.now()
    people = people_of(seed, count=size.people, now=began_at)
    load, stall = Load(fleet, watch, seed=seed), _Stall()
    mischief = Mischief(fleet, load, people, seed=seed)
    gather = _Gathering(seed, began_at, fleet, watch, load, mischief, people, stall)
    _plant_faults(fleet, people)
    measuring = asyncio.create_task(stall.measure())
    took: list[float] = []
    stuck: list[str] = []
    try:
        async for _ in _steps(gather, size):
            took.append((_CLOCK.now() - began_at).total_seconds())  # noqa: PERF401 (kept if the next fails)
    except* AssertionError as problems:
        stuck = [str(each) for each in problems.exceptions]
    finally:
        measuring.cancel()
        fleet.vendors.faults.clear()
        await load.close()
    complaints = await fleet.complaints() if stuck else []
    record = gather.record()
    fell = [f"{name} fell with {each.fell}" for name, each in fleet.members.items() if each.fell]
    return Verdict(
        record=record,
        violations=judge(record),
        leftovers=[*stuck, *fell, *await _what_stays(fleet)],
        took=took,
        failed_starts={name: len(each.failed_to_start) for name, each in fleet.members.items()},
        complaints=complaints,
    )


async def _what_stays(fleet: Fleet) -> list[str]:
    """Return what is left over, not what is just on its way, such as the reports of preferences."""
    with suppress(AssertionError):
        await eventually(lambda: _nothing_is_left(fleet), within=30)
        return []
    return await leftovers(fleet.wiring.urls)


async def _nothing_is_left(fleet: Fleet) -> bool:
    return not await leftovers(fleet.wiring.urls)


async def _steps(gather: "_Gathering", size: Size) -> AsyncIterator[None]:
    """Make the run; yield once people are known, once they have lived, and once all is quiet."""
    fleet, watch, people = gather.fleet, gather.watch, gather.people
    acts = sum(not isinstance(act, Wait) for each in people for act in each.life)
    planned = deeds_of(gather.seed, kills=size.kills, others=size.deeds)
    doing = asyncio.create_task(gather.mischief.run(planned, acts=acts))
    try:
        await gather.load.introduce(people)
        # Who people are must be known before anything happens that is judged by it.
        await eventually(
            lambda: _are_known(fleet, watch), within=_PATIENCE, every=0.2, what="people are known"
        )
        yield
        await gather.load.live(people, over=size.over)
        await doing
        yield
    finally:
        doing.cancel()
    fleet.vendors.faults.clear()
    await fleet.is_put_right()
    await eventually(
        lambda: _is_quiet(gather, fleet, watch), within=_PATIENCE, every=0.5, what="all is quiet"
    )
    await fleet.is_put_right()
    yield


async def _are_known(fleet: Fleet, watch: Watch) -> bool:
    if watch.all_consumed(*_OF_PEOPLE):
        return True
    # A flood may have been noticed after somebody said to read on, or is read again after a restore.
    await fleet.read_on()
    return False


async def _is_quiet(gather: "_Gathering", fleet: Fleet, watch: Watch) -> bool:
    if await _all_is_done(gather, fleet, watch):
        return True
    await fleet.read_on()
    return False


async def _all_is_done(gather: "_Gathering", fleet: Fleet, watch: Watch) -> bool:
    try:
        if not await watch.everything_is_read() or await leftovers(fleet.wiring.urls):
            return False
        await watch.read_to_the_end()
    except (KafkaError, OSError):
        return False
    await fleet.vendors.couriers.finish()
    return not unsent(gather.record())


def _plant_faults(fleet: Fleet, people: Iterable[Person]) -> None:
    # A call takes a while, so that whoever is killed has some under way.
    fleet.vendors.faults.add(Fault(kind="delay", seconds=0.2))
    for person in people:
        for each in person.faults:
            fleet.vendors.faults.add(msgspec.convert(each, Fault))


class _Stall:
    """How long this process was kept from working at most, in seconds: others fare no better."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.05)
            self.longest = max(self.longest, loop.time() - before - 0.05)


@dataclass(frozen=True, slots=True)
class _Gathering:
    """Everything that is known of a run, made into its record."""

    seed: int
    began_at: datetime
    fleet: Fleet
    watch: Watch
    load: Load
    mischief: Mischief
    people: Sequence[Person]
    stall: _Stall

    def record(self) -> Record:
        names = {each.person_id for each in self.people}
        addresses = {each for person in self.people for each in (person.phone, person.email) if each}
        arrivals = self.fleet.vendors.arrivals
        return Record(
            seed=self.seed,
            began_at=self.began_at,
            ended_at=_CLOCK.now(),
            longest_call=TIMEOUT.total_seconds() + 1 + max(_SLACK, 4 * self.stall.longest),
            at_once=AT_ONCE,
            told=[
                msgspec.structs.replace(told, consumed_by=self.watch.consumed_by(place))
                for told, place in self.load.told
            ],
            requests=[
                *(_request(each, went_out=True) for each in arrivals.messages if each.to in addresses),
                *(_request(each, went_out=False) for each in arrivals.swallowed if each.to in addresses),
            ],
            refusals=[
                Refusal(at=each.at, to=each.to, status=each.status, planted=each.why == "status")
                for each in arrivals.turned_away
                if each.to in addresses
            ],
            heard=[each for each in self.watch.heard if each.key in names],
            spoken=self.load.spoken,
            deeds=self.mischief.done,
            elsewhere=len(self.fleet.elsewhere.arrivals.messages)
            + len(self.fleet.elsewhere.arrivals.turned_away),
        )


def _request(arrival: Arrival, *, went_out: bool) -> Request:
    return Request(
        vendor=arrival.vendor,
        at=arrival.at,
        to=arrival.to,
        text=f"{arrival.subject}\n\n{arrival.text}" if arrival.subject else arrival.text,
        attempt_id=arrival.attempt_id,
        went_out=went_out,
        answered_yes=arrival.accepted,
        fault=arrival.fault,
        receipts=tuple(arrival.reported),
    )
