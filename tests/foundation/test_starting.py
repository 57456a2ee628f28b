"""A process that starts while the database is away, or takes no writes, waits for it and says so."""

import asyncio
import os
import signal
import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest

from foundation.database import Database, DatabaseUnavailable
from foundation.local.postgres import running_postgres, with_database
from foundation.metrics import Metrics
from foundation.settings import InternalConfig
from foundation.starting import Start, passes
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


def start(url: str, *, stop: asyncio.Event, port: int = 0) -> Start:
    return Start(
        url,
        name="test",
        stop=stop,
        internal=InternalConfig(port=port),
        metrics=Metrics(prefix="test"),
        every=timedelta(milliseconds=20),
    )


def waits(url: str, *, stop: asyncio.Event, port: int) -> asyncio.Task[bool]:
    return asyncio.create_task(start(url, stop=stop, port=port).comes_to_take_writes())


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


async def test_a_start_waits_for_a_server_that_is_away(tmp_path: Path) -> None:
    with running_postgres(tmp_path / "pg", durable=False) as server:
        url = server.url
    waiting = waits(url, stop=asyncio.Event(), port=0)
    await asyncio.wait({waiting}, timeout=0.1)
    assert not waiting.done()

    with running_postgres(tmp_path / "pg", durable=False) as again:
        assert again.url == url
        assert await asyncio.wait_for(waiting, 60)


async def test_nobody_at_a_port_is_waited_for_and_no_certificate_is() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"postgresql://postgres@127.0.0.1:{probe.getsockname()[1]}/x"
        for asked, waits_for_it in (
            (url, True),
            (f"{url}?sslmode=verify-ca&sslrootcert=/no/such/file", False),
        ):
            with pytest.raises(DatabaseUnavailable) as refused:
                async with Database.open(asked, size=1, name="test"):
                    pass
            assert passes(refused.value, asked) is waits_for_it


async def test_a_start_that_an_outage_ended_is_made_again(database_url: str) -> None:
    tries: list[int] = []

    async def begin() -> None:
        async with (
            Database.open(database_url, size=2, name="begun") as database,
            database.transaction() as connection,
        ):
            tries.append(await connection.fetchval("SELECT pg_backend_pid()"))
            if len(tries) < 3:
                await connection.fetchval("SELECT pg_terminate_backend(pg_backend_pid())")

    await asyncio.wait_for(start(database_url, stop=asyncio.Event()).run(begin), 60)

    assert len(set(tries)) == 3


async def test_a_start_that_no_waiting_mends_ends(database_url: str) -> None:
    async def asks_for_what_is_not_there() -> None:
        async with (
            Database.open(database_url, size=1, name="begun") as database,
            database.transaction() as connection,
        ):
            await connection.execute("SELECT * FROM table_of_another_release")

    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(start(database_url, stop=asyncio.Event()).run(asks_for_what_is_not_there), 60)
    with pytest.raises(DatabaseUnavailable):
        await start(with_database(database_url, "nowhere"), stop=asyncio.Event()).comes_to_take_writes()


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
    await eventually(lambda: "waiting for the database" in server.written())

    os.kill(server.pid, signal.SIGTERM)
    assert await asyncio.to_thread(server.process.wait, 30) == 0
    assert server.written().count('"warning"') == 1
    await takes_writes(url, yes=True)
    await databases.drop(url)
