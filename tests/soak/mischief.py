"""What is done to the system while people live: which deeds, and in which order, the seed decides."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from foundation.clock import SystemClock
from tests.soak.databases import Databases
from tests.soak.fleet import ROLES, Fleet
from tests.soak.load import Load
from tests.soak.people import Person
from tests.soak.record import Deed
from tests.soak.turns import Turns
from tests.support.eventually import eventually

#: What a run has some of, beside roles that are killed.
OTHERS = (
    ("kill", "PostgreSQL"),
    ("kill", "Kafka"),
    ("join and leave", "ingest"),
    ("clock ahead", "dispatch"),
    ("kill a session", "PostgreSQL"),
    ("restore", "outreach"),
    ("freeze", "dispatch"),
    ("clock behind", "preferences"),
    ("flood", "payments.v1"),
    ("fail over", "outreach"),
    ("join and leave", "dispatch"),
    ("restore", "preferences"),
    ("freeze", "PostgreSQL"),
    ("clock ahead", "http"),
    ("flood", "person-events.v1"),
    ("fail over", "preferences"),
    ("freeze", "http"),
    ("clock behind", "dispatch"),
    ("freeze", "Kafka"),
    ("clock behind", "ingest"),
    ("freeze", "ingest"),
)
#: Seconds: more than a replica's clock may be wrong, and less than a copy of preferences may be old, so
#: that nothing but the check of the clock holds it back.
_WRONG_BY = 60
#: Seconds: longer than a call may take and than a gate stays open, so that what goes out after it shows.
_FROZEN_FOR = (8, 10)
#: How many unreadable records in a row; reading stops at a hundred.
_FLOOD = 130
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A deed to be done a moment after people have lived so much of their lives; if below 0, at once."""

    kind: str
    target: str
    after: float
    moment: float


def deeds_of(seed: int, *, kills: int, others: int) -> list[Planned]:
    """Return the deeds of this seed in order: so many roles killed, so many others, and forgeries.

    They go on where those of the seed before ended, so that runs in a row have all of them between them.
    """
    chance = random.Random(f"mischief {seed}")
    chosen = [("kill", ROLES[(seed * kills + each) % len(ROLES)]) for each in range(kills)]
    chosen += [OTHERS[(seed * others + each) % len(OTHERS)] for each in range(others)]
    chosen += [("forge", "a stop"), ("forge", "a receipt")]
    chance.shuffle(chosen)
    places = sorted(chance.uniform(-0.1, 0.8) for _ in chosen)
    return [
        Planned(kind=kind, target=target, after=place, moment=round(chance.uniform(0, 0.4), 3))
        for (kind, target), place in zip(chosen, places, strict=True)
    ]


class Mischief:
    """Does the deeds, each in its turn though others are not undone yet, and keeps what was done."""

    def __init__(self, fleet: Fleet, load: Load, people: Sequence[Person], *, seed: int) -> None:
        self.done: list[Deed] = []
        self._fleet = fleet
        self._load = load
        self._people = people
        self._seed = seed
        self._does: Mapping[str, Callable[[str, random.Random], Awaitable[None]]] = {
            "kill": self._kill,
            "kill a session": self._kill_a_session,
            "join and leave": self._join_and_leave,
            "clock ahead": partial(self._set_clock, _WRONG_BY),
            "clock behind": partial(self._set_clock, -_WRONG_BY),
            "freeze": self._freeze,
            "flood": self._flood,
            "fail over": self._fail_over,
            "restore": self._restore,
            "forge": self._forge,
        }
        self._databases = Databases(fleet)
        self._turns = Turns()
        #: Whoever needs the server of the databases as it is, or does something to it.
        self._server = asyncio.Lock()

    async def run(self, planned: Sequence[Planned], *, acts: int) -> None:
        """Do all of them, in step with how many of the `acts` are done; return when all are undone."""
        async with asyncio.TaskGroup() as tasks:
            for each in planned:
                tasks.create_task(self._do(each, acts))

    async def _do(self, planned: Planned, acts: int) -> None:
        await self._load.has_done(planned.after * acts)
        await asyncio.sleep(planned.moment)
        began_at = _CLOCK.now()
        # A chance of its own: what one does must not depend on which comes first.
        does = partial(self._does[planned.kind], planned.target, random.Random(f"{self._seed} {planned}"))
        if planned.kind == "restore":
            await does()
        else:
            async with self._turns.beside_others():
                await does()
        self.done.append(
            Deed(kind=planned.kind, target=planned.target, began_at=began_at, ended_at=_CLOCK.now())
        )

    async def _kill(self, target: str, _chance: random.Random) -> None:
        match target:
            case "PostgreSQL":
                async with self._server:
                    await self._fleet.mortals.kill_postgres()
            case "Kafka":
                await self._fleet.mortals.kill_kafka()
            case "dispatch":
                await self._begins_a_call()
                await self._fleet.kill(target)
            case _:
                await self._fleet.kill(target)

    async def _begins_a_call(self) -> None:
        """Return while a vendor has a call in hand; where none comes for a while, without."""
        messages = self._fleet.vendors.arrivals.messages
        before = len(messages)
        with suppress(AssertionError):
            await eventually(lambda: len(messages) > before, within=5, every=0.02)

    async def _kill_a_session(self, _target: str, chance: random.Random) -> None:
        async with self._server:
            await self._fleet.mortals.kill_a_session(chance.choice)

    async def _join_and_leave(self, role: str, chance: random.Random) -> None:
        await self._fleet.join(f"another {role}", role=role, env={})
        await asyncio.sleep(chance.uniform(0.5, 2))
        await self._fleet.leave(f"another {role}")

    async def _set_clock(self, ahead: float, role: str, chance: random.Random) -> None:
        """Run a role for a while with a clock that is wrong.

        A sender is one more, which calls vendors of its own: nothing may reach them.
        """
        seconds = chance.uniform(1, 3)
        if role != "dispatch":
            await self._fleet.run_with_clock(role, ahead, seconds=seconds)
            return
        url = self._fleet.elsewhere.url
        env = {"OUTREACH_TWILIO__BASE_URL": url, "OUTREACH_SENDGRID__BASE_URL": url}
        name = f"a dispatch that is {ahead:+} s off"
        await self._fleet.join(name, role=role, env=env, ahead=ahead)
        await asyncio.sleep(seconds)
        await self._fleet.leave(name)

    async def _freeze(self, target: str, chance: random.Random) -> None:
        seconds = chance.uniform(*_FROZEN_FOR)
        match target:
            case "PostgreSQL":
                async with self._server:
                    await self._fleet.mortals.freeze_postgres(seconds)
            case "Kafka":
                await self._fleet.mortals.freeze_kafka(seconds)
            case "dispatch":
                await self._begins_a_call()
                await self._fleet.freeze(target, seconds)
            case _:
                await self._fleet.freeze(target, seconds)

    async def _flood(self, topic: str, chance: random.Random) -> None:
        """Fill a topic with what nobody can read, until reading stops; have somebody say to go on."""
        last = await self._load.flood(topic, key=f"nobody-{chance.random()}", count=_FLOOD)

        async def is_read() -> bool:
            # Others' records come in between: reading may stop late, even at the end, or not at all.
            await self._fleet.read_on()
            return self._load.is_read(last)

        await eventually(is_read, within=180, every=0.5, what=f"{topic} is read to the end of the flood")

    async def _fail_over(self, service: str, chance: random.Random) -> None:
        async with self._server:
            await self._databases.fail_over(service, seconds=chance.uniform(2, 5))

    async def _restore(self, service: str, _chance: random.Random) -> None:
        """Copy a database, and some life later put the copy in its place: the rest is in Kafka."""
        async with self._turns.alone():
            copy = await self._databases.back_up(service)
        before = self._load.acts
        await self._load.has_done(min(before + 20, self._load.acts_of_all))
        async with self._turns.alone():
            await self._databases.restore(service, copy)
        await self._databases.recover(service)

    async def _forge(self, what: str, chance: random.Random) -> None:
        plain = [each for each in self._people if each.situation == "plain"] or list(self._people)
        person = chance.choice(plain)
        if what == "a stop":
            await self._load.forge(person, "STOP")
            return
        made = [each.attempt_id for each in self._fleet.vendors.arrivals.messages if each.attempt_id]
        attempt_id = chance.choice(made) if made else "00000000-0000-4000-8000-000000000000"
        await self._load.forge_receipt(person, attempt_id, "undelivered")
