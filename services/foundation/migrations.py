"""Schema changes: a package's revisions, applied once and in order by Alembic.

Each package has its own version table, `<package>_migrations`; `applied_migrations` has the checksum of each
file as it was applied.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
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
from foundation.revisions import BadMigrations, Revision, read_revisions, refuse_database_of_another
from foundation.session import SessionNotOurs, insist_on_our_own

_LOCK = 0x6F757472  # any number, the same for everybody who migrates
_LOCK_TIMEOUT = "5s"


async def migrate(url: str, *, package: str) -> list[str]:
    """Bring the database up to date for `package`; return the revisions applied, as `package/NNNN_name`.

    Replicas may race: one migrates, the others wait and find nothing left to do. Each revision is
    one transaction together with its entry in the version table.

    Raises:
        BadMigrations: the files are wrong; nothing was applied.
        DatabaseOfAnother: another service migrated this database, and we never did; nothing was applied.
        DatabaseUnavailable: no connection could be made.
        asyncpg.LockNotAvailableError: a table stayed in use for five seconds, and waiting longer would
            have blocked everybody behind us; run it again.
    """
    series = read_revisions(package)
    engine = _engine(url)
    try:
        async with _one_at_a_time(url) as alone:
            await refuse_database_of_another(alone, package=package)
            await _refuse_changed(alone, series)
            async with engine.connect() as connection:
                applied = [
                    await connection.run_sync(_upgrade, owner, revisions)
                    for owner, revisions in series.items()
                ]
            await _keep_checksums(alone, series)
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        # A pooler that shares sessions passes for the server until a statement that it does not know.
        if isinstance(cause, asyncpg.InvalidSQLStatementNameError | asyncpg.DuplicatePreparedStatementError):
            raise DatabaseUnavailable(why_unreachable(cause, url)) from error
        if cause is None:
            raise
        raise cause from error
    finally:
        await engine.dispose()
    return [revision for revisions in applied for revision in revisions]


async def _refuse_changed(connection: Connection, series: Mapping[str, Sequence[Revision]]) -> None:
    """Raise BadMigrations if a file is not what it was when it was applied."""
    if not await connection.fetchval("SELECT to_regclass('applied_migrations') IS NOT NULL"):
        return
    rows = await connection.fetch("SELECT package, revision, checksum FROM applied_migrations")
    applied = {(row["package"], row["revision"]): row["checksum"] for row in rows}
    for owner, revisions in series.items():
        for revision in revisions:
            if applied.get((owner, revision.name)) not in (None, revision.checksum):
                raise BadMigrations(
                    f"{owner}: {revision.name} was changed after it had been applied to this database; "
                    "put the file back and write a new migration"
                )


async def _keep_checksums(connection: Connection, series: Mapping[str, Sequence[Revision]]) -> None:
    """Note what is applied now; of what was applied before checksums were kept, the text of today counts."""
    for owner, revisions in series.items():
        await connection.executemany(
            """INSERT INTO applied_migrations (package, revision, checksum, contracts) VALUES ($1, $2, $3, $4)
               ON CONFLICT DO NOTHING""",
            [(owner, revision.name, revision.checksum, revision.contracts) for revision in revisions],
        )


def _scripts(revisions: Sequence[Revision]) -> Sequence[Script]:
    """Make what Alembic expects of revisions: modules with an `upgrade`, each the child of the one before."""
    scripts: list[Script] = []
    for revision in revisions:
        module: Any = ModuleType(revision.name)
        module.down_revision = scripts[-1].revision if scripts else None
        module.upgrade = partial(_run, script=revision.sql)
        scripts.append(Script(module, revision.name, revision.file))
    return scripts


def _upgrade(connection: SyncConnection, package: str, revisions: Sequence[Revision]) -> list[str]:
    scripts = _scripts(revisions)
    known = {script.revision for script in scripts}
    linked = RevisionMap(lambda: scripts)
    assert len(linked.heads) <= 1  # asking also makes Alembic link the revisions
    applied: list[str] = []

    def missing(heads: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        if unknown := set(heads) - known:
            raise BadMigrations(
                f"{package}: the database is at {unknown.pop()}, which this version does not know"
            )
        done = max(heads, default="")
        steps = [
            RevisionStep(linked, script, is_upgrade=True) for script in scripts if script.revision > done
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


def _run(connection: SyncConnection, *, script: str) -> None:
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
