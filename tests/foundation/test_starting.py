"""A process that starts while the database takes no writes waits for it, and says so."""

import asyncio
import os
import signal
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest

from foundation.metrics import Metrics
from foundation.settings import InternalConfig
from foundation.starting import comes_to_take_writes
from scripts.parts import Ports
from tests.support.databases import Databases
from tests.support.eventually import eventually
from tests.support.servers import Servers

pytestmark = pytest.mark.migrated("foundation")


async def takes_writes(url: str, *, yes: bool) -> None:
    name = urlsplit(url).path.removeprefix("/")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute(
            f"ALTER DATABASE {name} RESET default_transaction_read_only"
            if yes
            else f"ALTER DATABASE {name} SET default_transaction_read_only = on"
        )
    finally:
        await connection.close()


def waits(url: str, *, stop: asyncio.Event, port: int) -> asyncio.Task[bool]:
    return asyncio.create_task(
        comes_to_take_writes(
            url,
            name="test",
            stop=stop,
            internal=InternalConfig(port=port),
            metrics=Metrics(prefix="test"),
            every=timedelta(milliseconds=20),
        )
    )


async def test_a_start_goes_on_once_the_database_takes_writes_and_is_not_ready_before(
    databases: Databases,
) -> None:
    url = await databases.fresh("foundation")
    await takes_writes(url, yes=False)
    with Ports.reserve() as ports:
        port = ports.outreach_internal
    waiting = waits(url, stop=asyncio.Event(), port=port)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

        async def answers() -> tuple[int, str, int]:
            try:
                async with session.get("/health/ready") as ready, session.get("/health/live") as live:
                    return ready.status, (await ready.json())["checks"]["database"], live.status
            except aiohttp.ClientConnectionError as error:
                raise AssertionError from error

        assert await eventually(answers) == (503, "read-only", 200)

    await takes_writes(url, yes=True)

    assert await asyncio.wait_for(waiting, 30)
    await databases.drop(url)


async def test_a_start_that_waits_ends_when_it_is_told_to_stop(databases: Databases) -> None:
    url = await databases.fresh("foundation")
    await takes_writes(url, yes=False)
    stop = asyncio.Event()
    with Ports.reserve() as ports:
        waiting = waits(url, stop=stop, port=ports.outreach_internal)
    stop.set()

    assert await asyncio.wait_for(waiting, 30) is False
    await takes_writes(url, yes=True)
    await databases.drop(url)


async def test_a_database_that_takes_writes_is_not_waited_for(database_url: str) -> None:
    # Nothing may listen there, so whoever served meanwhile would fail.
    assert await waits(database_url, stop=asyncio.Event(), port=1)


async def test_a_service_that_starts_on_a_standby_says_so_in_one_line_and_stays(
    servers: Servers, databases: Databases
) -> None:
    url = await databases.fresh("preferences")
    await takes_writes(url, yes=False)
    env = {
        "PREFERENCES_DATABASE_URL": url,
        "PREFERENCES_INTERNAL__PORT": "0",
        "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
    }
    server = await servers.start("preferences", "run", env=env)
    await eventually(lambda: "waiting for the database" in server.written(), within=30)

    os.kill(server.pid, signal.SIGTERM)
    assert await asyncio.to_thread(server.process.wait, 30) == 0
    assert server.written().count('"warning"') == 1
    await takes_writes(url, yes=True)
    await databases.drop(url)
