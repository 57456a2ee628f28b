"""What stops a command is one line that names it, with exit code 2, and never a password."""

import asyncio
import datetime as dt
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from foundation.command_line import ExitCode
from foundation.local.postgres import PostgresServer, running_postgres
from outreach.cli.main import cli as outreach
from preferences.cli.main import cli as preferences
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.eventually import eventually
from tests.support.servers import Servers
from tests.support.world import SAMPLE

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
    await asyncio.to_thread(server.process.wait, 60)
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
def test_a_password_that_is_not_encoded_is_refused_unseen(program: str, prefix: str, password: str) -> None:
    command = {"outreach": outreach, "preferences": preferences}[program]
    url = f"postgresql://user:{password}@127.0.0.1/x"

    result = CliRunner().invoke(command, ["migrate"], env={f"{prefix}DATABASE_URL": url})

    assert result.exit_code == ExitCode.CANNOT
    assert SECRET not in result.output
    (line,) = result.output.splitlines()
    assert line.startswith(
        f"{prefix}DATABASE_URL: cannot be read; in the user and the password write / as %2F"
    )


@pytest.mark.migrated(None)
async def test_a_database_without_tables_says_what_to_run(servers: Servers, database_url: str) -> None:
    line = await ends(servers, "outreach", "pauses", env={"OUTREACH_DATABASE_URL": database_url})

    assert line == "OUTREACH_DATABASE_URL: the database is not up to date; run `outreach migrate`"


@pytest.mark.migrated("preferences")
@pytest.mark.parametrize("command", [("pauses",), ("acts",), ("migrate",), ("stop", "ada")])
async def test_the_database_of_preferences_is_none_of_outreach(
    servers: Servers, database_url: str, command: tuple[str, ...]
) -> None:
    line = await ends(servers, "outreach", *command, env={"OUTREACH_DATABASE_URL": database_url})

    assert line == "OUTREACH_DATABASE_URL: this is the database of preferences; outreach has one of its own"
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM acts") == 0
    finally:
        await connection.close()


_RUNS = [
    pytest.param("outreach", "OUTREACH_", marks=pytest.mark.migrated("outreach"), id="outreach"),
    pytest.param("preferences", "PREFERENCES_", marks=pytest.mark.migrated("preferences"), id="preferences"),
]


def settings(folder: Path, program: str, database_url: str, *, port: int = 0) -> dict[str, str]:
    """All that `run` needs, with a Kafka that is not there."""
    wiring = Wiring(
        ports=Ports(kafka=0, outreach=port, outreach_internal=0, preferences=port, simulator=0),
        secrets=secrets_in(folder / "secrets.json"),
        urls={"outreach": database_url, "preferences": database_url},
        kafka="127.0.0.1:1",
        home=folder,
        config=SAMPLE,
    )
    (env,) = (part.env for part in wiring.parts() if part.name == program)
    config = {"OUTREACH_CONFIG_DIR": str(SAMPLE)} if program == "outreach" else {}
    return {name: value for name, value in env.items() if name.startswith(program.upper())} | config


@pytest.mark.parametrize(("program", "prefix"), _RUNS)
async def test_a_taken_port_is_one_line(
    servers: Servers, tmp_path: Path, database_url: str, program: str, prefix: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        # The roles of outreach begin one after another, and others would look for Kafka first.
        only = ["--only", "http"] if program == "outreach" else []
        env = settings(tmp_path, program, database_url, port=port)

        line = await ends(servers, program, "run", *only, env=env)

    setting = f"{prefix}{'HTTP' if program == 'outreach' else 'INTERNAL'}__PORT"
    assert line == f"{setting}: cannot listen on 127.0.0.1:{port}; is something else running there?"


@pytest.mark.parametrize(("program", "prefix"), _RUNS)
async def test_kafka_out_of_reach_is_one_line(
    servers: Servers, tmp_path: Path, database_url: str, program: str, prefix: str
) -> None:
    line = await ends(servers, program, "run", env=settings(tmp_path, program, database_url))

    assert line.startswith(f"{prefix}KAFKA__BOOTSTRAP_SERVERS: Kafka at 127.0.0.1:1 cannot be reached")


async def test_another_secret_than_stops_are_kept_by_is_one_line(
    servers: Servers, tmp_path: Path, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("INSERT INTO digest_key (key) VALUES ('another')")
        await connection.execute(
            "INSERT INTO suppressions (suppression_id, address, channel, kind, origin, at)"
            " VALUES ('1', 'digest:1f', 'sms', 'opted_out', 'reply', now())"
        )
    finally:
        await connection.close()

    line = await ends(servers, "outreach", "run", env=settings(tmp_path, "outreach", database_url))

    why = "stops are kept by digests that follow from another secret"
    assert line == f"OUTREACH_HTTP__DIGEST_SECRET: {why}; set it to the link secret of before"


@pytest.mark.parametrize(("program", "prefix"), _MIGRATES)
async def test_running_with_a_wrong_password_is_one_line(
    servers: Servers, tmp_path: Path, guarded: PostgresServer, program: str, prefix: str
) -> None:
    url = address(guarded, password=SECRET)

    line = await ends(servers, program, "run", env=settings(tmp_path, program, url))

    assert line.startswith(f"{prefix}DATABASE_URL: PostgreSQL at 127.0.0.1:")
    assert line.endswith("refuses the user or the password")


@pytest.mark.parametrize("program", ["outreach", "preferences"])
async def test_running_while_its_database_is_away_waits_and_says_so_once(
    servers: Servers, tmp_path: Path, program: str
) -> None:
    url = f"postgresql://user:{SECRET}@127.0.0.1:{_free()}/x"
    server = await servers.start(program, "run", env=settings(tmp_path, program, url))
    await eventually(lambda: "waiting for the database" in server.written(), within=60)

    assert await server.stop() == 0
    assert server.written().count("nothing listens there") == 1
    assert SECRET not in server.written()
    assert "Traceback" not in server.written()


@pytest.mark.parametrize(("program", "prefix"), _MIGRATES)
async def test_a_role_without_rights_is_one_line(
    servers: Servers, guarded: PostgresServer, program: str, prefix: str
) -> None:
    role = f"{program}_guest"
    connection = await asyncpg.connect(address(guarded))
    try:
        await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'")
    finally:
        await connection.close()
    url = f"postgresql://{role}:{SECRET}@127.0.0.1:{urlsplit(guarded.tcp_url or '').port}/postgres"

    line = await ends(servers, program, "migrate", env={f"{prefix}DATABASE_URL": url})

    assert line.startswith(f"{prefix}DATABASE_URL: the database's user lacks a right: permission denied")


_ASKING = {
    "outreach": [
        "pause",
        "resume",
        "pauses",
        "cancel 00000000-0000-0000-0000-000000000000",
        "release ada",
        "explain ada",
        "export --person ada",
        "audit",
        "quarantine list",
        "quarantine show 1",
        "quarantine replay 1",
        "quarantine dismiss 1",
        "policy check deploy/config --since 1d",
        "migrate",
    ],
    "preferences": [
        "quarantine list",
        "quarantine show 1",
        "quarantine replay 1",
        "quarantine dismiss 1",
        "migrate",
    ],
}


@pytest.mark.parametrize(
    ("program", "command"),
    [(program, command) for program, commands in _ASKING.items() for command in commands],
)
def test_every_command_says_in_one_way_that_the_database_is_away(program: str, command: str) -> None:
    prefix = f"{program.upper()}_"
    cli = {"outreach": outreach, "preferences": preferences}[program]
    url = f"postgresql://user:{SECRET}@127.0.0.1:1/x"

    answer = CliRunner().invoke(cli, command.split(), env={f"{prefix}DATABASE_URL": url})

    assert answer.exit_code == ExitCode.CANNOT
    place = "PostgreSQL at 127.0.0.1:1, database x,"
    assert answer.stderr == f"{prefix}DATABASE_URL: {place} cannot be reached: nothing listens there\n"


@pytest.mark.parametrize(
    "command",
    [
        "policy check nowhere",
        "policy test nowhere",
        "preview nothing",
        "events validate nowhere",
        "run",
        "pauses",
    ],
)
def test_what_cannot_be_asked_ends_with_two(command: str) -> None:
    assert CliRunner().invoke(outreach, command.split()).exit_code == ExitCode.CANNOT


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2090, 1, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    unencrypted = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unencrypted))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@asynccontextmanager
async def answering(context: ssl.SSLContext | None, refusal: bytes = b"") -> AsyncIterator[int]:
    """Speak PostgreSQL's first words: TLS if there is a context, then an error to every session."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)  # the request for TLS
        writer.write(b"S" if context else b"N")
        try:
            if context:
                await writer.start_tls(context)
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            await reader.readexactly(length - 4)
            writer.write(refusal)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("command", ["migrate", "pauses"])
async def test_a_certificate_of_an_unknown_ca_is_one_line(
    servers: Servers, tmp_path: Path, command: str
) -> None:
    (tmp_path / "other").mkdir()
    self_signed(tmp_path / "other")
    known = tmp_path / "other" / "certificate.pem"
    async with answering(self_signed(tmp_path)) as port:
        url = f"postgresql://user:{SECRET}@127.0.0.1:{port}/x?sslmode=verify-ca&sslrootcert={known}"

        line = await ends(servers, "outreach", command, env={"OUTREACH_DATABASE_URL": url})

    place = f"PostgreSQL at 127.0.0.1:{port}, database x,"
    reason = "shows a certificate of a CA unknown here; name its CA with sslrootcert"
    assert line == f"OUTREACH_DATABASE_URL: {place} {reason}"


async def test_a_pooler_that_takes_no_startup_parameters_is_one_line(servers: Servers) -> None:
    # PgBouncer's own words in transaction mode.
    fields = b"SFATAL\0C08P01\0Munsupported startup parameter: application_name\0\0"
    refusal = b"E" + struct.pack("!i", len(fields) + 4) + fields
    async with answering(None, refusal) as port:
        url = f"postgresql://user:{SECRET}@127.0.0.1:{port}/x"

        line = await ends(servers, "outreach", "pauses", env={"OUTREACH_DATABASE_URL": url})

    reason = "is behind a pooler that does not keep sessions; let it pool by session, or go past it"
    assert line.endswith(reason)
