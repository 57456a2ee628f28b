"""What the bench runs against, all its own: a durable PostgreSQL, Apache Kafka, and the vendors' stub."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from foundation.local.kafka import running_kafka
from foundation.local.postgres import create_database, drop_database, running_postgres, with_database
from foundation.migrations import migrate

ROOT = Path(__file__).resolve().parent.parent


class Postgres:
    """A server whose commits reach the disk; databases are copied from one that is migrated."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid
        self._made = 0

    async def migrated(self, name: str, *, package: str = "outreach") -> str:
        """Return the URL of a new database, migrated for `package`."""
        url = await create_database(self.url, name)
        await migrate(url, package=package)
        return url

    async def copy(self, name: str) -> str:
        """Return the URL of a copy of a database that nobody is connected to."""
        self._made += 1
        return await create_database(self.url, f"{name}_{self._made}", template=name)

    async def drop(self, url: str) -> None:
        await drop_database(self.url, url.split("?", maxsplit=1)[0].rpartition("/")[2])

    def named(self, name: str) -> str:
        return with_database(self.url, name)


@contextmanager
def postgres() -> Iterator[Postgres]:
    with TemporaryDirectory(prefix="bench-pg-") as home, running_postgres(Path(home), durable=True) as server:
        yield Postgres(server.url, server.process.pid)


@contextmanager
def kafka() -> Iterator[str]:
    """Run a broker; give its address."""
    with TemporaryDirectory(prefix="bench-kafka-") as home, running_kafka(Path(home)) as server:
        yield server.address


@contextmanager
def child(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run one of our modules as a process of its own; end it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def stub(latency: tuple[float, float] = (0, 0)) -> Iterator[str]:
    """Run the vendors' stub; give its address."""
    with child("bench.stub", "--latency", *map(str, latency)) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"


async def ask(base: str, path: str) -> object:
    """Ask the stub something."""
    async with aiohttp.ClientSession() as session, session.get(base + path) as answer:
        return await answer.json()


@asynccontextmanager
async def running(work: asyncio.Task[object]) -> AsyncIterator[None]:
    """Have a task run during the block and no longer."""
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
