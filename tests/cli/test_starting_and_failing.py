"""What stops a command is one line that names it, with exit code 2, and never a password."""

import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from foundation.local.postgres import PostgresServer, running_postgres
from tests.support.servers import Servers

SECRET = "hunter2-secret"
_MIGRATES = [("outreach", "OUTREACH_"), ("preferences", "PREFERENCES_")]


@pytest.fixture(scope="module")
def guarded() -> Iterator[PostgresServer]:
    """A server that asks for a password at a port."""
    with (
        TemporaryDirectory(prefix="pg-") as home,
        running_postgres(Path(home), durable=False, port=_free()) as server,
    ):
        yield server


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def ends(servers: Servers, program: str, *arguments: str, env: dict[str, str]) -> str:
    """Run a command that cannot do its work; return the only line it wrote."""
    server = await servers.start(program, *arguments, env=env)
    server.process.wait(60)
    lines = [line for line in server.written().splitlines() if not line.startswith("{")]
    assert server.process.returncode == 2, lines
    assert SECRET not in server.written()
    assert "Traceback" not in server.written()
    assert len(lines) == 1, lines
    return lines[0]


def address(server: PostgresServer, *, password: str | None = None, name: str = "postgres") -> str:
    parts = urlsplit(server.tcp_url or "")
    return f"postgresql://{parts.username}:{password or parts.password}@127.0.0.1:{parts.port}/{name}"


@pytest.mark.parametrize(("program", "prefix"), _MIGRATES)
async def test_a_wrong_password_is_one_line(
    servers: Servers, guarded: PostgresServer, program: str, prefix: str
) -> None:
    url = address(guarded, password=SECRET)

    line = await ends(servers, program, "migrate", env={f"{prefix}DATABASE_URL": url})

    place = f"127.0.0.1:{urlsplit(url).port}, database postgres,"
    assert line == f"{prefix}DATABASE_URL: PostgreSQL at {place} refuses the user or the password"


@pytest.mark.parametrize(("program", "prefix"), _MIGRATES)
async def test_a_missing_database_is_one_line(
    servers: Servers, guarded: PostgresServer, program: str, prefix: str
) -> None:
    env = {f"{prefix}DATABASE_URL": address(guarded, name="nowhere")}

    line = await ends(servers, program, "migrate", env=env)

    assert line.endswith("database nowhere, is not there: the server has no such database")


@pytest.mark.parametrize(("program", "prefix"), _MIGRATES)
async def test_a_server_that_is_away_is_one_line(servers: Servers, program: str, prefix: str) -> None:
    url = f"postgresql://user:{SECRET}@127.0.0.1:{_free()}/x"

    line = await ends(servers, program, "migrate", env={f"{prefix}DATABASE_URL": url})

    assert line.endswith("database x, cannot be reached: nothing listens there")


@pytest.mark.parametrize(
    "password", [f"{SECRET}/x", f"{SECRET}#x", f"{SECRET}?x", f"1/{SECRET}", f"[{SECRET}"]
)
@pytest.mark.parametrize(("program", "prefix"), _MIGRATES)
async def test_a_password_that_is_not_encoded_is_refused_unseen(
    servers: Servers, program: str, prefix: str, password: str
) -> None:
    url = f"postgresql://user:{password}@127.0.0.1/x"

    line = await ends(servers, program, "migrate", env={f"{prefix}DATABASE_URL": url})

    assert line.startswith(
        f"{prefix}DATABASE_URL: cannot be read; in the user and the password write / as %2F"
    )


@pytest.mark.migrated(None)
async def test_a_database_without_tables_says_what_to_run(servers: Servers, database_url: str) -> None:
    line = await ends(servers, "outreach", "pauses", env={"OUTREACH_DATABASE_URL": database_url})

    assert line == "OUTREACH_DATABASE_URL: the database is not up to date; run `outreach migrate`"


@pytest.mark.migrated("preferences")
async def test_a_taken_port_is_one_line(servers: Servers, database_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = {
            "PREFERENCES_DATABASE_URL": database_url,
            "PREFERENCES_HTTP__PORT": str(port),
            "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        }

        line = await ends(servers, "preferences", "run", env=env)

    assert (
        line == f"PREFERENCES_HTTP__PORT: cannot listen on 127.0.0.1:{port}; is something else running there?"
    )


@pytest.mark.migrated("preferences")
async def test_kafka_out_of_reach_is_one_line(servers: Servers, database_url: str) -> None:
    env = {
        "PREFERENCES_DATABASE_URL": database_url,
        "PREFERENCES_HTTP__PORT": "0",
        "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
    }

    line = await ends(servers, "preferences", "run", env=env)

    assert line.startswith("PREFERENCES_KAFKA__BOOTSTRAP_SERVERS: Kafka at 127.0.0.1:1 cannot be reached")
