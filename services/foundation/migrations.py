"""Schema changes: plain SQL files, applied once and in order by Alembic.

A service ships only `<package>/store/migrations/NNNN_name.sql`, each one revision, numbered without
gaps, forward only. `migrate` first applies foundation's own (`foundation/migrations`: the outbox, the
quarantine, the offsets, the inbox), so a service never declares those tables. Each package has its own
version table, `<package>_migrations`.
"""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
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
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from foundation.database import DatabaseUnavailable, why_unreachable

_FILE = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+\.sql")
_LOCK = 0x6F757472  # any number, the same for everybody who migrates
_LOCK_TIMEOUT = "5s"


class BadMigrations(Exception):
    """The migration files of a package are not a gapless series, or the database knows more than they do."""


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
    series = [(owner, _read_series(owner)) for owner in dict.fromkeys(["foundation", package])]
    engine = _engine(url)
    try:
        async with _one_at_a_time(url), engine.connect() as connection:
            applied = [await connection.run_sync(_upgrade, owner, scripts) for owner, scripts in series]
    finally:
        await engine.dispose()
    return [revision for revisions in applied for revision in revisions]


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
    module.upgrade = lambda connection: _run(connection, file.read_text(encoding="utf-8"))
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
        URL.create("postgresql+asyncpg"),
        async_creator=lambda: asyncpg.connect(url, server_settings={"lock_timeout": _LOCK_TIMEOUT}),
        poolclass=NullPool,
    )


@asynccontextmanager
async def _one_at_a_time(url: str) -> AsyncIterator[None]:
    """Hold the lock of the migrating replica; a connection that ends releases it."""
    try:
        connection = await asyncpg.connect(url)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
        raise DatabaseUnavailable(why_unreachable(error, url)) from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield
    finally:
        await connection.close()
