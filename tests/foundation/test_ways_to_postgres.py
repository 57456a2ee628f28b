"""Ways to PostgreSQL that a deployment has: TLS, several hosts, a pooler in between, other releases."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from foundation.database import Database, DatabaseUnavailable
from foundation.failures import explain_failure
from foundation.local.binaries import choose_installation, installed_in_the_wheel
from foundation.local.postgres import PostgresServer, running_postgres, start_postgres, whom_to_run_as
from foundation.local.processes import ServerUnavailable, free_ports
from foundation.metrics import Metrics
from foundation.migrations import migrate
from foundation.settings import InternalConfig
from foundation.starting import Start
from tests.support.certificates import Authority
from tests.support.databases import Databases
from tests.support.eventually import eventually
from tests.support.pgbouncer import Pooling, pgbouncer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.migrated("foundation")]

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def pooled(url: str, pooling: Pooling, **settings: str) -> Iterator[str]:
    """Give the way through PgBouncer; skip with one line where this machine has none."""
    try:
        with pgbouncer(url, pooling, **settings) as way:
            yield way
    except ServerUnavailable as problem:
        pytest.skip(str(problem))


async def test_a_pooler_that_pools_by_session_changes_nothing(databases: Databases) -> None:
    url = await databases.fresh()
    with pooled(url, "session") as way:
        assert (await migrate(way, package="outreach"))[-1].startswith("outreach/")
        async with Database.open(way, size=4, name="test") as database:
            heard: list[str] = []
            listening = asyncio.create_task(database.listen("news", heard.append))
            await eventually(lambda: heard == [""])
            async with database.transaction() as connection:
                assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "1min"
                await connection.execute("SELECT pg_notify('news', 'one')")
            await eventually(lambda: heard == ["", "one"])
            listening.cancel()
            async with database.dedicated() as first:
                assert await first.fetchval("SELECT pg_try_advisory_lock(7)")
                async with database.dedicated() as second:
                    assert not await second.fetchval("SELECT pg_try_advisory_lock(7)")
            # Whoever held it is gone; the pooler gives the session back as new.
            await eventually(lambda: _locks(database))
    await databases.drop(url)


async def _locks(database: Database) -> bool:
    async with database.dedicated() as connection:
        return bool(await connection.fetchval("SELECT pg_try_advisory_lock(7)"))


SHARED: dict[str, tuple[Pooling, dict[str, str]]] = {
    "by transaction": ("transaction", {}),
    "by transaction, all settings passed over": (
        "transaction",
        {"ignore_startup_parameters": "extra_float_digits,idle_in_transaction_session_timeout,lock_timeout"},
    ),
    "by transaction, one session for all": ("transaction", {"default_pool_size": "1"}),
    "by transaction, in turn": ("transaction", {"server_round_robin": "1"}),
    "by statement": ("statement", {}),
}


@pytest.mark.parametrize("sharing", SHARED)
async def test_a_pooler_that_shares_sessions_is_refused_in_a_line(database_url: str, sharing: str) -> None:
    pooling, settings = SHARED[sharing]
    with pooled(database_url, pooling, **settings) as way:
        with pytest.raises(DatabaseUnavailable) as opening:
            async with Database.open(way, size=4, name="test"):
                pass
        with pytest.raises(DatabaseUnavailable) as migrating:
            await migrate(way, package="outreach")

    parts = urlsplit(way)
    place = f"PostgreSQL at {parts.netloc.rpartition('@')[2]}, database {parts.path[1:]},"
    line = f"{place} is behind a pooler that does not keep sessions; let it pool by session, or go past it"
    assert [explain_failure(failure.value, prefix="OUTREACH_") for failure in (opening, migrating)] == [
        f"OUTREACH_DATABASE_URL: {line}"
    ] * 2


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def private(authority: Authority) -> Iterator[PostgresServer]:
    """A server that lets in nobody without TLS."""
    pair = authority.sign("postgres")
    with TemporaryDirectory(prefix="pg-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        for file in (pair.certificate, pair.key):
            _hand_over(shutil.copy(file, str(home)))
        settings = {
            "ssl": "on",
            "ssl_cert_file": str(home / pair.certificate.name),
            "ssl_key_file": str(home / pair.key.name),
        }
        with running_postgres(
            home / "server", durable=False, port=free_ports(1)[0], settings=settings
        ) as server:
            yield server


def _hand_over(path: str) -> None:
    Path(path).chmod(0o600)
    if run_as := whom_to_run_as():
        os.chown(path, run_as.uid, run_as.gid)


async def _why_not(url: str) -> str | None:
    """Return why a database cannot be opened, without the place; None where it can."""
    try:
        async with Database.open(url, size=1, name="test") as database, database.transaction() as connection:
            assert await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    except DatabaseUnavailable as error:
        return str(error).rpartition(", ")[2]
    return None


async def test_tls_is_verified_as_the_url_asks(
    private: PostgresServer, authority: Authority, tmp_path: Path
) -> None:
    another = Authority(tmp_path).file
    url = f"{private.tcp_url}?sslmode=verify-full&sslrootcert="
    elsewhere = url.replace("127.0.0.1", "localhost")

    assert await _why_not(f"{url}{authority.file}") is None
    assert await _why_not(f"{url}{another}") == (
        "shows a certificate of a CA unknown here; name its CA with sslrootcert"
    )
    assert (
        await _why_not(f"{elsewhere}{authority.file}") == "shows a certificate that is not for this address"
    )
    assert await migrate(f"{url}{authority.file}", package="preferences")


async def test_a_server_without_tls_is_not_taken_for_one(tmp_path: Path) -> None:
    with (
        TemporaryDirectory(prefix="pg-") as home,
        running_postgres(Path(home), durable=False, port=free_ports(1)[0]) as server,
    ):
        said = await _why_not(f"{server.tcp_url}?sslmode=require")

    assert said == "does not offer the TLS that its URL asks for"


class Pair:
    """A server and its standby, which can take over; the first host of their URL is dead."""

    def __init__(self, folder: Path) -> None:
        self._primary_home, self._standby_home = folder / "primary", folder / "standby"
        self._ports = free_ports(3)
        self.primary = start_postgres(self._primary_home, durable=False, port=self._ports[1])
        self.standby: PostgresServer | None = None

    def copies(self) -> None:
        """Make the standby of what the primary has now."""
        self.primary.stop()
        shutil.copytree(
            self._primary_home, self._standby_home, ignore=shutil.ignore_patterns(".s.*", "*.log")
        )
        for path in (self._standby_home, *self._standby_home.rglob("*")):
            if run_as := whom_to_run_as():
                os.chown(path, run_as.uid, run_as.gid)
        (self._standby_home / "data" / "standby.signal").touch()
        self.primary = start_postgres(self._primary_home, durable=False, port=self._ports[1])
        self.standby = start_postgres(self._standby_home, durable=False, port=self._ports[2])

    @property
    def url(self) -> str:
        """The way to whichever of them takes writes; nothing listens at the first address."""
        user = urlsplit(self.primary.tcp_url or "").netloc.rpartition("@")[0]
        hosts = ",".join(f"127.0.0.1:{port}" for port in (self._ports[0], self._ports[2], self._ports[1]))
        return f"postgresql://{user}@{hosts}/postgres?target_session_attrs=read-write"

    async def fails_over(self) -> None:
        assert self.standby is not None
        self.primary.stop()
        await _do(self.standby.url, "SELECT pg_promote()")

    def stop(self) -> None:
        for server in filter(None, (self.primary, self.standby)):
            server.stop()


async def _do(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    with TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)
        servers = Pair(Path(folder))
        try:
            yield servers
        finally:
            servers.stop()


async def test_of_several_hosts_the_one_that_takes_writes_is_found_again_after_a_failover(pair: Pair) -> None:
    await migrate(pair.url, package="preferences")
    pair.copies()
    async with Database.open(pair.url, size=3, name="test") as database:
        assert await _port_of(database) == pair._ports[1]

        await pair.fails_over()

        await eventually(lambda: _writes(database), within=60)
        assert await _port_of(database) == pair._ports[2]


async def _port_of(database: Database) -> int:
    async with database.transaction() as connection:
        return int(await connection.fetchval("SELECT inet_server_port()"))


async def _writes(database: Database) -> bool:
    with suppress(DatabaseUnavailable):
        async with database.transaction() as connection:
            await connection.execute("CREATE TABLE IF NOT EXISTS written (id int)")
        return True
    return False


async def test_where_no_host_takes_writes_a_process_waits_until_one_does(pair: Pair) -> None:
    url = pair.url
    pair.copies()
    pair.primary.stop()
    waiting = asyncio.create_task(
        Start(
            url,
            name="test",
            stop=asyncio.Event(),
            internal=InternalConfig(port=0),
            metrics=Metrics(prefix="test", declared={}),
        ).comes_to_take_writes()
    )

    with pytest.raises(DatabaseUnavailable):
        async with Database.open(url, size=1, name="test"):
            pass
    assert not waiting.done()
    assert pair.standby is not None
    await _do(pair.standby.url, "SELECT pg_promote()")

    assert await asyncio.wait_for(waiting, 60)


#: What uses most of what a release of PostgreSQL may do otherwise: constraints, locks, plans, whole stories.
_TRIED = (
    "tests/store/test_constraints.py",
    "tests/scenarios/test_main_job.py",
    "tests/preferences/test_ledger.py",
    "tests/foundation/test_outbox.py",
)


@pytest.mark.timeout(900)
async def test_all_goes_as_well_on_the_newest_release_that_there_is_here() -> None:
    run_as = whom_to_run_as()
    newest = next(installed_in_the_wheel(run_as=run_as), None)
    usual = choose_installation(run_as=run_as, major=None)
    if newest is None or newest.major == usual.major:
        pytest.skip(f"only PostgreSQL {usual.version} is here, which all tests use")
    with (
        TemporaryDirectory(prefix="pg-") as home,
        running_postgres(Path(home), durable=False, port=free_ports(1)[0], installation=newest) as server,
    ):
        assert await _do(server.url, "SHOW server_version") == newest.version
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-m", "not slow", *_TRIED]
        done = await asyncio.to_thread(
            subprocess.run,
            command,
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": server.tcp_url or ""},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout[-3000:]
