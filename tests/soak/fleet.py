"""The product's roles as processes, each started again when it ends, between servers that can be killed."""

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from foundation.clock import SystemClock
from foundation.kafka import create_topics
from foundation.local.postgres import create_database
from foundation.migrations import migrate
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from simulator.app import Simulator, running_simulator
from simulator.settings import Settings
from tests.soak.mortals import Mortals
from tests.soak.ports import quiet_ports
from tests.support.eventually import eventually
from tests.support.servers import Server, Servers

ROLES = ("ingest", "dispatch", "relay", "http", "preferences")
_CONFIG = Path(__file__).parent / "config"

#: How long a vendor may take; a call is given up after it, and a message that comes later was sent before.
TIMEOUT = timedelta(seconds=3)
#: How many calls of one sender are under way at once.
AT_ONCE = 10
_TIMES = {
    "OUTREACH_TWILIO__TIMEOUT": "PT3S",
    "OUTREACH_SENDGRID__TIMEOUT": "PT3S",
    # Longer than two calls, and short enough that what a killed sender left is settled within a run.
    "OUTREACH_DISPATCH__LEASE": "PT12S",
    "OUTREACH_DISPATCH__WORKERS": str(AT_ONCE),
    "OUTREACH_TWILIO__CONFIRMS": "outreach",
}
_RESTS_BETWEEN_STARTS = 0.3
#: How many of the last warnings of a process are told where something is wrong, and how much of each.
_WARNINGS = 4
_LONGEST = 600


@dataclass(slots=True)
class Member:
    """A process that is kept running while `wanted`."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    wanted: bool = True
    server: Server | None = None
    killed: bool = False
    #: The codes with which it ended although nobody killed it: while it started, and once it ran.
    failed_to_start: list[int] = field(default_factory=list)
    fell: list[int] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """True from when it says so until it ends."""
        server = self.server
        return server is not None and server.is_running and '"running"' in server.written()


class Fleet:
    """All of it. `vendors` is what the roles call, `elsewhere` what a replica with a wrong clock would."""

    def __init__(
        self, *, mortals: Mortals, servers: Servers, wiring: Wiring, vendors: Simulator, elsewhere: Simulator
    ) -> None:
        self.mortals = mortals
        self.wiring = wiring
        self.vendors = vendors
        self.elsewhere = elsewhere
        self.members: dict[str, Member] = {}
        self._servers = servers
        self._watching: asyncio.Task[None] | None = None
        _, preferences, outreach = wiring.parts()
        # One role is asked whether it is ready; the others serve where they find room.
        self._env: dict[str, str] = outreach.env | _TIMES | {"OUTREACH_INTERNAL__PORT": "0"}
        for each in ROLES:
            if each == "preferences":
                self.members[each] = Member(each, ("preferences", "run"), preferences.env)
            else:
                port = {"OUTREACH_INTERNAL__PORT": str(wiring.ports.outreach_internal)}
                env = self._env | port if each == "http" else self._env
                self.members[each] = Member(each, ("outreach", "run", "--only", each), env)

    async def start(self) -> None:
        """Start every role; return when all of them run."""
        self._watching = asyncio.create_task(self._keep_running())
        await self.all_run()

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        self._servers.stop_all(shows_logs=False)

    async def all_run(self) -> None:
        """Return when every role that is wanted runs, and both services say that they are ready."""
        await eventually(self._all_run, within=180, every=0.1, what="every role runs")

    async def is_put_right(self) -> None:
        """Return when all of them run, with whatever a flood has stopped read on, whenever that shows."""

        async def all_run() -> bool:
            if await self._all_run():
                return True
            # A flood that was read just before a role was killed is read again, and stops it again.
            await self.read_on()
            return False

        await eventually(all_run, within=180, every=0.5, what="every role runs")

    async def kill(self, name: str) -> None:
        """End a role as a power cut does; it is started again."""
        member = self.members[name]
        await eventually(lambda: member.is_running, within=180, what=f"{name} runs, so that it can be killed")
        assert member.server is not None
        member.killed = True
        member.server.kill()

    async def freeze(self, name: str, seconds: float) -> None:
        """Have a role do nothing for so long, as on a machine that is moved or starved, and then go on."""
        member = self.members[name]
        await eventually(lambda: member.is_running, within=180, what=f"{name} runs, so that it can freeze")
        assert member.server is not None
        pid = member.server.pid
        try:
            _signal(pid, signal.SIGSTOP)
            await asyncio.sleep(seconds)
        finally:
            _signal(pid, signal.SIGCONT)

    async def run_with_clock(self, name: str, ahead: float, *, seconds: float) -> None:
        """Run a role for a while with a clock that is wrong by `ahead` seconds."""
        member = self.members[name]
        right = member.command
        try:
            member.command = _with_clock(ahead, right)
            await self.kill(name)
            await eventually(lambda: member.is_running, within=180, what=f"{name} runs with a wrong clock")
            await asyncio.sleep(seconds)
        finally:
            member.command = right
        await self.kill(name)

    async def rest(self, *names: str) -> None:
        """Stop roles as a deployment does, one after the other, and start none of them until `go_on`."""
        for member in [self.members[name] for name in names]:
            await eventually(partial(_is_running, member), within=180, what=f"{member.name} runs")
            member.wanted = False
            assert member.server is not None
            await member.server.stop()

    async def go_on(self, *names: str) -> None:
        """Have roles that rest be started again; return when they run."""
        for name in names:
            self.members[name].killed = True  # that it ended is no fault of its own
            self.members[name].wanted = True
        await eventually(
            lambda: all(self.members[name].is_running for name in names), within=180, what="all go on"
        )

    async def command(self, service: str, *arguments: str) -> tuple[int, str]:
        """Run one of the service's commands; return its exit code and what it said."""
        part = next(part for part in self.wiring.parts() if part.name == service)
        program = Path(sys.executable).parent / service
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            env=os.environ | dict(part.env),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        said, _ = await process.communicate()
        return int(process.returncode or 0), said.decode()

    async def read_on(self) -> None:
        """Have somebody say that what a flood has stopped is to be read on."""
        for service in ("outreach", "preferences"):
            await self.command(service, "quarantine", "resume")

    async def join(self, name: str, *, role: str, env: Mapping[str, str], ahead: float = 0) -> Member:
        """Start one more replica of a role, its clock `ahead` seconds; return when it runs."""
        command = ("outreach", "run", "--only", role)
        member = Member(name, _with_clock(ahead, command) if ahead else command, self._env | dict(env))
        self.members[name] = member
        await eventually(lambda: member.is_running, within=180, what=f"{name} runs")
        return member

    async def leave(self, name: str) -> None:
        """Stop a replica that joined, as a deployment does; kill it if it does not end."""
        member = self.members.pop(name)
        member.wanted = False
        if member.server is not None:
            await member.server.stop()

    async def complaints(self) -> list[str]:
        """Return what each process says that is wrong with it, and what it last warned of."""
        said = []
        for member in self.members.values():
            logged = _logged_by(member)
            ports = [line["port"] for line in logged if line.get("event") == "serving"]
            said.append(f"{member.name} says {await _wrong_with(ports[-1]) if ports else 'nothing'}")
            warnings = [line for line in logged if line.get("level") in ("warning", "error", "critical")]
            said += [f"{member.name} wrote {json.dumps(line)[:_LONGEST]}" for line in warnings[-_WARNINGS:]]
        return said

    async def _all_run(self) -> bool:
        return all(each.is_running for each in self.members.values()) and await self._are_ready()

    async def _are_ready(self) -> bool:
        _, preferences, outreach = self.wiring.parts()
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            for url in (preferences.ready, outreach.ready):
                try:
                    async with session.get(url) as answer:
                        if answer.status != 200:
                            return False
                except (aiohttp.ClientError, TimeoutError):
                    return False
        return True

    async def _keep_running(self) -> None:
        """Start what is not running, as whatever runs containers would."""
        while True:
            for each in list(self.members.values()):
                if each.wanted and (each.server is None or not each.server.is_running):
                    await self._start(each)
            await asyncio.sleep(_RESTS_BETWEEN_STARTS)

    async def _start(self, member: Member) -> None:
        if member.server is not None and not member.killed:
            ended = member.fell if '"running"' in member.server.written() else member.failed_to_start
            ended.append(int(member.server.process.returncode))
        member.killed = False
        name, *arguments = member.command
        server = await self._servers.start(name, *arguments, env=member.env)
        member.server = server


def _logged_by(member: Member) -> list[dict[str, Any]]:
    lines = member.server.written().splitlines() if member.server is not None else []
    found = []
    for line in lines:
        with suppress(ValueError):
            found.append(json.loads(line))
    return [each for each in found if isinstance(each, dict)]


async def _wrong_with(port: int) -> str:
    """Return what a process that serves there says of itself, less what is well."""
    url = f"http://127.0.0.1:{port}/health/ready"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(url) as answer,
        ):
            checks = (await answer.json())["checks"]
    except (aiohttp.ClientError, TimeoutError, KeyError) as problem:
        return type(problem).__name__
    return ", ".join(f"{name}: {said}" for name, said in checks.items() if said != "ok") or "that all is well"


def _is_running(member: Member) -> bool:
    return member.is_running


def _with_clock(ahead: float, command: Sequence[str]) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.soak.wrong_clock", str(ahead), *command)


def _signal(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)


@asynccontextmanager
async def running_fleet(logs: Path) -> AsyncIterator[Fleet]:
    """Run everything, on data of its own, for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        stack.enter_context(_quiet_clients())
        home = Path(stack.enter_context(TemporaryDirectory(prefix="soak-")))
        home.chmod(0o755)  # PostgreSQL, which may be another user, has its own part in it
        mortals = Mortals(home)
        stack.callback(mortals.stop)
        await mortals.start()
        urls = {}
        for service in ("outreach", "preferences"):
            urls[service] = await create_database(mortals.database_url, service)
            await migrate(urls[service], package=service)
        settings = KafkaSettings(bootstrap_servers=mortals.kafka_address)
        await create_topics(settings, list(TOPICS.values()))
        shutil.copytree(_CONFIG, home / "config")
        outreach, internal, preferences, simulator = quiet_ports(4)
        wiring = Wiring(
            ports=Ports(
                kafka=0,
                outreach=outreach,
                outreach_internal=internal,
                preferences=preferences,
                simulator=simulator,
            ),
            secrets=secrets_in(home / "secrets.json"),
            urls=urls,
            kafka=mortals.kafka_address,
            home=home,
            config=home / "config",
        )
        vendors = await stack.enter_async_context(_vendors(wiring, port=wiring.ports.simulator))
        elsewhere = await stack.enter_async_context(_vendors(wiring, port=0))
        fleet = Fleet(
            mortals=mortals, servers=Servers(logs), wiring=wiring, vendors=vendors, elsewhere=elsewhere
        )
        stack.push_async_callback(fleet.stop)
        await fleet.start()
        yield fleet


@contextmanager
def _quiet_clients() -> Iterator[None]:
    """Have our own clients not complain of the outages that are made here."""
    logger = logging.getLogger("aiokafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)


@asynccontextmanager
async def _vendors(wiring: Wiring, *, port: int) -> AsyncIterator[Simulator]:
    secrets = wiring.secrets
    settings = Settings(
        outreach_url=f"http://127.0.0.1:{wiring.ports.outreach}",
        account_sid=secrets["account_sid"],
        auth_token=secrets["auth_token"],
        api_key=secrets["api_key"],
        webhook_private_key=secrets["webhook_private_key"],
    )
    async with running_simulator(settings, clock=SystemClock(), port=port) as simulator:
        yield simulator
