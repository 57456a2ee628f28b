"""What is done to the system while people live: which deeds, and in which order, the seed decides."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from foundation.clock import SystemClock
from tests.soak.fleet import ROLES, Fleet
from tests.soak.load import Load
from tests.soak.people import Person
from tests.soak.record import Deed
from tests.support.eventually import eventually

#: What a run has some of, beside roles that are killed.
_OTHERS = (
    ("kill", "PostgreSQL"),
    ("kill", "Kafka"),
    ("join and leave", "ingest"),
    ("clock ahead", "dispatch"),
    ("kill a session", "PostgreSQL"),
    ("join and leave", "dispatch"),
)
#: Seconds: more than a replica's clock may be wrong, and less than a copy of preferences may be old, so
#: that nothing but the check of the clock holds it back.
_AHEAD = 60
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
    chosen += [_OTHERS[(seed * others + each) % len(_OTHERS)] for each in range(others)]
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
            "clock ahead": self._set_ahead,
            "forge": self._forge,
        }

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
        await self._does[planned.kind](planned.target, random.Random(f"{self._seed} {planned}"))
        self.done.append(
            Deed(kind=planned.kind, target=planned.target, began_at=began_at, ended_at=_CLOCK.now())
        )

    async def _kill(self, target: str, _chance: random.Random) -> None:
        match target:
            case "PostgreSQL":
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
        await self._fleet.mortals.kill_a_session(chance.choice)

    async def _join_and_leave(self, role: str, chance: random.Random) -> None:
        await self._fleet.join(f"another {role}", role=role, env={})
        await asyncio.sleep(chance.uniform(0.5, 2))
        await self._fleet.leave(f"another {role}")

    async def _set_ahead(self, role: str, chance: random.Random) -> None:
        """Run a sender a minute ahead, which calls vendors of its own: nothing may reach them."""
        url = self._fleet.elsewhere.url
        env = {"OUTREACH_TWILIO__BASE_URL": url, "OUTREACH_SENDGRID__BASE_URL": url}
        await self._fleet.join("an early dispatch", role=role, env=env, ahead=_AHEAD)
        await asyncio.sleep(chance.uniform(1, 3))
        await self._fleet.leave("an early dispatch")

    async def _forge(self, what: str, chance: random.Random) -> None:
        plain = [each for each in self._people if each.situation == "plain"] or list(self._people)
        person = chance.choice(plain)
        if what == "a stop":
            await self._load.forge(person, "STOP")
            return
        made = [each.attempt_id for each in self._fleet.vendors.arrivals.messages if each.attempt_id]
        attempt_id = chance.choice(made) if made else "00000000-0000-4000-8000-000000000000"
        await self._load.forge_receipt(person, attempt_id, "undelivered")
