"""The schema a release expects: its migrations, as files, and in what a database differs from them.

A service ships only `<package>/store/migrations/NNNN_name.sql`, each one revision, numbered without
gaps, forward only. Foundation's own (`foundation/migrations`: the outbox, the quarantine, the offsets, the
inbox) come first, so a service never declares those tables. Nothing here can change a database: what does
(`foundation.migrations`) takes as long to import as all else that a process needs.

A line that begins with `-- Contracts:` marks a migration with whose outcome older releases cannot work;
all others leave a schema with which the release before goes on.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from foundation.database import Connection

_FILE = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+\.sql")


class BadMigrations(Exception):
    """The migration files of a package are no gapless series, or not those the database was made with."""


class DatabaseOfAnother(Exception):
    """The database is that of another service, whose backups, grants and restores our tables would be in."""

    def __init__(self, owner: str, *, package: str) -> None:
        super().__init__(f"this is the database of {owner}; {package} has one of its own")
        self.owner = owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One migration: its name, as `NNNN_name`, its text, and the file that it stands in."""

    name: str
    sql: str
    file: str

    @property
    def checksum(self) -> bytes:
        return sha256(self.sql.encode()).digest()

    @property
    def contracts(self) -> bool:
        """Whether releases before it cannot work with its outcome."""
        return any(line.startswith("-- Contracts:") for line in self.sql.splitlines())


def read_revisions(package: str) -> Mapping[str, Sequence[Revision]]:
    """Return foundation's revisions and those of `package`, by owner, each owner's oldest first.

    Raises:
        BadMigrations: the files are no gapless series.
    """
    return {owner: _read_series(owner) for owner in dict.fromkeys(["foundation", package])}


async def refuse_database_of_another(connection: Connection, *, package: str) -> None:
    """Refuse a database that has the tables of another service and none of `package`.

    Raises:
        DatabaseOfAnother: it has.
    """
    owner = await find_other_owner(connection, package=package)
    if owner is not None:
        raise DatabaseOfAnother(owner, package=package)


async def find_other_owner(connection: Connection, *, package: str) -> str | None:
    """Return whose database it is, where others migrated it and `package` never did."""
    # Asked first: a statement that fails would end the caller's transaction.
    if not await connection.fetchval("SELECT to_regclass('applied_migrations') IS NOT NULL"):
        return None
    rows = await connection.fetch("SELECT DISTINCT package FROM applied_migrations ORDER BY package")
    owners = [row["package"] for row in rows if row["package"] != "foundation"]
    return owners[0] if owners and package not in owners else None


async def why_schema_differs(connection: Connection, *, package: str) -> str | None:
    """Say in what the database is not as this release expects it; None if it is.

    A newer one will do, unless a migration that is not known here takes away what we stand on.
    """
    for owner, revisions in read_revisions(package).items():
        expected = {revision.name: revision.checksum for revision in revisions}
        # Asked first: a statement that fails would end the caller's transaction.
        if not await connection.fetchval("SELECT to_regclass('applied_migrations') IS NOT NULL"):
            return "the schema is older than this release: migrate"
        rows = await connection.fetch(
            "SELECT revision, checksum, contracts FROM applied_migrations WHERE package = $1", owner
        )
        applied = {row["revision"]: row["checksum"] for row in rows}
        if missing := sorted(set(expected) - set(applied)):
            if other := await find_other_owner(connection, package=package):
                return f"this is the database of {other}"
            return f"the schema is older than this release: {owner}/{missing[0]} is not applied"
        if changed := sorted(name for name in expected if applied[name] != expected[name]):
            return (
                f"the schema is not that of this release: {owner}/{changed[0]} was applied with another text"
            )
        if newer := [row["revision"] for row in rows if row["contracts"] and row["revision"] not in expected]:
            return f"the schema is too new for this release: {owner}/{newer[0]} is not known here"
    return None


def _read_series(package: str) -> Sequence[Revision]:
    revisions: list[Revision] = []
    for expected, file in enumerate(sorted(_sql_files(package), key=lambda file: file.name), start=1):
        match = _FILE.fullmatch(file.name)
        if match is None or int(match["number"]) != expected:
            raise BadMigrations(f"{package}: expected {expected:04}_<name>.sql, found {file.name}")
        name = file.name.removesuffix(".sql")
        revisions.append(Revision(name=name, sql=file.read_text(encoding="utf-8"), file=str(file)))
    return revisions


def _sql_files(package: str) -> Iterable[Traversable]:
    folder = (
        files(package) / "migrations" if package == "foundation" else files(package) / "store" / "migrations"
    )
    if not folder.is_dir():
        raise BadMigrations(f"{package} has no folder of migrations")
    return [file for file in folder.iterdir() if file.name.endswith(".sql")]
