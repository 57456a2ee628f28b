"""Schema changes: plain SQL files, applied once and in order by Alembic.

A service ships only `<package>/store/migrations/NNNN_name.sql`, each one revision, numbered without
gaps, forward only. `migrate` first applies foundation's own (`foundation/migrations`: the outbox, the
quarantine, the offsets, the inbox), so a service never declares those tables. Each package has its own
version table, `<package>_migrations`; `applied_migrations` has the checksum of each file as it was applied.

A line that begins with `-- Contracts:` marks a migration with whose outcome older releases cannot work;
all others leave a schema with which the release before goes on.
"""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import ModuleType
from typing import Any

import asyncpg
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script
from alembic.script.revision import RevisionMap
from sqlalchemy import URL, NullPool
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from foundation.database import Connection, DatabaseUnavailable, why_unreachable
from foundation.session import SessionNotOurs, insist_on_our_own

_FILE = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+\.sql")
_LOCK = 0x6F757472  # any number, the same for everybody who migrates
_LOCK_TIMEOUT = "5s"


class BadMigrations(Exception):
    """The migration files of a package are no gapless series, or not those the database was made with."""


async def migrate(url: str, *, package: str) -> list[str]:
    """Bring the database up to date for `package`; return the revisions applied, as `package/NNNN_name`.

    Replicas may race: one migrates, the others wait and find nothing left to do. Each revision is
    one transaction together with its entry in the version table.

    Raises:
        BadMigrations: the files are wrong; nothing was applied.
        DatabaseUnavailable: no connection could be made.
        asyncpg.LockNotAvailableError: a table stayed in use for five seconds, and waiting longer would
            have blocked everybody behind us; run it again.
    """
    series = {owner: _read_series(owner) for owner in dict.fromkeys(["foundation", package])}
    engine = _engine(url)
    try:
        async with _one_at_a_time(url) as alone:
            await _refuse_changed(alone, series)
            async with engine.connect() as connection:
                applied = [
                    await connection.run_sync(_upgrade, owner, scripts) for owner, scripts in series.items()
                ]
            await _keep_checksums(alone, series)
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        # A pooler that shares sessions passes for the server until a statement that it does not know.
        if isinstance(cause, asyncpg.InvalidSQLStatementNameError | asyncpg.DuplicatePreparedStatementError):
            raise DatabaseUnavailable(why_unreachable(cause, url)) from error
        raise
    finally:
        await engine.dispose()
    return [revision for revisions in applied for revision in revisions]


async def why_schema_differs(connection: Connection, *, package: str) -> str | None:
    """Say in what the database is not as this release expects it; None if it is.

    A newer one will do, unless a migration that is not known here takes away what we stand on.
    """
    for owner in dict.fromkeys(["foundation", package]):
        expected = {script.revision: _checksum(script) for script in _read_series(owner)}
        # Asked first: a statement that fails would end the caller's transaction.
        if not await connection.fetchval("SELECT to_regclass('applied_migrations') IS NOT NULL"):
            return "the schema is older than this release: migrate"
        rows = await connection.fetch(
            "SELECT revision, checksum, contracts FROM applied_migrations WHERE package = $1", owner
        )
        applied = {row["revision"]: row["checksum"] for row in rows}
        if missing := sorted(set(expected) - set(applied)):
            return f"the schema is older than this release: {owner}/{missing[0]} is not applied"
        if changed := sorted(name for name in expected if applied[name] != expected[name]):
            return (
                f"the schema is not that of this release: {owner}/{changed[0]} was applied with another text"
            )
        if newer := [row["revision"] for row in rows if row["contracts"] and row["revision"] not in expected]:
            return f"the schema is too new for this release: {owner}/{newer[0]} is not known here"
    return None


async def _refuse_changed(connection: Connection, series: Mapping[str, Sequence[Script]]) -> None:
    """Raise BadMigrations if a file is not what it was when it was applied."""
    if not await connection.fetchval("SELECT to_regclass('applied_migrations') IS NOT NULL"):
        return
    rows = await connection.fetch("SELECT package, revision, checksum FROM applied_migrations")
    applied = {(row["package"], row["revision"]): row["checksum"] for row in rows}
    for owner, scripts in series.items():
        for script in scripts:
            if applied.get((owner, script.revision)) not in (None, _checksum(script)):
                raise BadMigrations(
                    f"{owner}: {script.revision} was changed after it had been applied to this database; "
                    "put the file back and write a new migration"
                )


async def _keep_checksums(connection: Connection, series: Mapping[str, Sequence[Script]]) -> None:
    """Note what is applied now; of what was applied before checksums were kept, the text of today counts."""
    for owner, scripts in series.items():
        await connection.executemany(
            """INSERT INTO applied_migrations (package, revision, checksum, contracts) VALUES ($1, $2, $3, $4)
               ON CONFLICT DO NOTHING""",
            [(owner, script.revision, _checksum(script), _contracts(script)) for script in scripts],
        )


def _checksum(script: Script) -> bytes:
    return sha256(script.module.sql.encode()).digest()


def _contracts(script: Script) -> bool:
    return any(line.startswith("-- Contracts:") for line in script.module.sql.splitlines())


def _read_series(package: str) -> Sequence[Script]:
    """Return the package's revisions, oldest first, each the child of the one before."""
    scripts: list[Script] = []
    for expected, file in enumerate(sorted(_sql_files(package), key=lambda file: file.name), start=1):
        match = _FILE.fullmatch(file.name)
        if match is None or int(match["number"]) != expected:
            raise BadMigrations(f"{package}: expected {expected:04}_<name>.sql, found {file.name}")
        scripts.append(_script(file, parent=scripts[-1].revision if scripts else None))
    return scripts


def _sql_files(package: str) -> Iterable[Traversable]:
    folder = (
        files(package) / "migrations" if package == "foundation" else files(package) / "store" / "migrations"
    )
    if not folder.is_dir():
        raise BadMigrations(f"{package} has no folder of migrations")
    return [file for file in folder.iterdir() if file.name.endswith(".sql")]


def _script(file: Traversable, *, parent: str | None) -> Script:
    """Make what Alembic expects of a revision: a module with an `upgrade`."""
    name = file.name.removesuffix(".sql")
    module: Any = ModuleType(name)
    module.down_revision = parent
    module.sql = file.read_text(encoding="utf-8")
    module.upgrade = lambda connection: _run(connection, module.sql)
    return Script(module, name, str(file))


def _upgrade(connection: SyncConnection, package: str, scripts: Sequence[Script]) -> list[str]:
    known = {script.revision for script in scripts}
    revisions = RevisionMap(lambda: scripts)
    assert len(revisions.heads) <= 1  # asking also makes Alembic link the revisions
    applied: list[str] = []

    def missing(heads: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        if unknown := set(heads) - known:
            raise BadMigrations(
                f"{package}: the database is at {unknown.pop()}, which this version does not know"
            )
        done = max(heads, default="")
        steps = [
            RevisionStep(revisions, script, is_upgrade=True) for script in scripts if script.revision > done
        ]
        applied.extend(f"{package}/{step.revision.revision}" for step in steps)
        return steps

    context = MigrationContext.configure(
        connection,
        opts={"fn": missing, "version_table": f"{package}_migrations", "transaction_per_migration": True},
    )
    with context.begin_transaction():
        context.run_migrations(connection=connection)
    connection.commit()
    return applied


def _run(connection: SyncConnection, script: str) -> None:
    # SQLAlchemy would prepare the text, and only single statements can be prepared.
    driver: Any = connection.connection.dbapi_connection
    driver.run_async(lambda raw: raw.execute(script))


def _engine(url: str) -> AsyncEngine:
    # asyncpg reads the URL itself; SQLAlchemy would not understand its sockets and options.
    return create_async_engine(
        URL.create("postgresql+asyncpg"), async_creator=partial(_impatient, url), poolclass=NullPool
    )


async def _impatient(url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(url)
    await connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
    return connection


@asynccontextmanager
async def _one_at_a_time(url: str) -> AsyncIterator[Connection]:
    """Yield the connection that holds the lock of the migrating replica; its end releases it."""
    try:
        connection = await asyncpg.connect(url)
        await insist_on_our_own(connection, url)
    except (
        asyncpg.PostgresError,
        asyncpg.InternalClientError,
        asyncpg.InterfaceError,
        SessionNotOurs,
        OSError,
        TimeoutError,
        ValueError,
    ) as error:
        raise DatabaseUnavailable(why_unreachable(error, url)) from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield connection
    finally:
        await connection.close()
