"""Looks at a service's database: reached in private, of this release, with the rights it needs alone."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from foundation.clock import Clock
from foundation.clock_check import CLOCKS_DIFFER_BY_AT_MOST, CheckedClock
from foundation.database import Connection, Database, DatabaseUnavailable
from foundation.doctor.observations import Observation, ok, wrong
from foundation.revisions import find_other_owner, why_schema_differs
from foundation.sql import queries

_SQL = queries(__file__)

_OLDEST: Final = 15
_REWRITING: Final = frozenset({"UPDATE", "DELETE", "TRUNCATE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRights:
    """What a service's database has to be: whose tables, and which of them nobody may rewrite."""

    service: str
    insert_only: Collection[str]


async def examine_database(
    url: str, expected: TableRights, *, setting: str, clock: Clock
) -> list[Observation]:
    """Return what is found of the database of `url`, which `setting` names."""
    try:
        async with Database.open(url, size=1, name=f"{expected.service}-doctor") as database:
            observations = await _look(database, expected, setting=setting)
            return [*observations, await _compare_clocks(database, clock)]
    except DatabaseUnavailable as error:
        return [wrong("database", str(error), f"see {setting}")]


async def _look(database: Database, expected: TableRights, *, setting: str) -> list[Observation]:
    async with database.transaction() as connection:
        server = await _SQL.describe_server(connection)
        level = await connection.fetchval("SHOW transaction_isolation")
        observations = [
            *_of_server(server, setting=setting),
            ok("isolation", f"transactions are {level}")
            if level == "read committed"
            else wrong("isolation", f"transactions are {level}", "have no pooler change what sessions set"),
        ]
        differs = await why_schema_differs(connection, package=expected.service)
        if differs is not None:
            is_anothers = await find_other_owner(connection, package=expected.service) is not None
            advice = (
                f"name the database of {expected.service} in {setting}"
                if is_anothers
                else f"run `{expected.service} migrate` as the tables' owner"
            )
            return [*observations, wrong("schema", differs, advice)]
        return [*observations, ok("schema", "is that of this release"), *await _rights(connection, expected)]


def _of_server(server: Any, *, setting: str) -> Iterator[Observation]:
    if server["version"] // 10_000 < _OLDEST:
        yield wrong("database", f"is PostgreSQL {server['release']}", f"use {_OLDEST} or newer")
    elif server["read_only"]:
        yield wrong(
            "database", "takes no writes", "name the primary, or add ?target_session_attrs=read-write"
        )
    else:
        yield ok("database", f"is PostgreSQL {server['release']} and takes writes of {server['role']}")
    if server["encoding"] != "UTF8":
        yield wrong("encoding", f"is {server['encoding']}", "make the database anew with ENCODING 'UTF8'")
    if server["is_remote"] and not server["is_private"]:
        advice = f"add ?sslmode=verify-full&sslrootcert=FILE to {setting}"
        yield wrong(
            "database", "is reached without TLS, so that people's data can be read on the way", advice
        )


async def _rights(connection: Connection, expected: TableRights) -> list[Observation]:
    tables = [dict(row) for row in await _SQL.list_rights(connection)]
    role = str(tables[0]["role"])
    grant = f"run `{expected.service} grant {role}` as the tables' owner"
    if missing := sorted({row["name"] for row in tables if not _may_work(row, expected)}):
        return [wrong("database rights", f"{role} may not work with {', '.join(missing)}", grant)]
    if tables[0]["is_superuser"]:
        return [_may_do_anything(role, "is a superuser", expected)]
    if any(row["is_owner"] for row in tables):
        return [_may_do_anything(role, "owns tables", expected)]
    rewritable = [row["name"] for row in tables if row["name"] in expected.insert_only and _rewrites(row)]
    if rewritable:
        return [wrong("database rights", f"{role} may rewrite {', '.join(rewritable)}", grant)]
    kept = ", ".join(sorted(expected.insert_only))
    return [ok("database rights", f"{role} may do its work, and rewrite nothing of {kept}")]


def _may_do_anything(role: str, why: str, expected: TableRights) -> Observation:
    return wrong(
        "database rights",
        f"{role} {why}, so it may rewrite {', '.join(sorted(expected.insert_only))}",
        f"run the service as another role, made with LOGIN and no rights, then `{expected.service} grant` it",
    )


def _may_work(row: dict[str, Any], expected: TableRights) -> bool:
    needed = (
        {"SELECT", "INSERT"}
        if row["name"] in expected.insert_only
        else {"SELECT", "INSERT", "UPDATE", "DELETE"}
    )
    return needed <= set(row["rights"])


def _rewrites(row: dict[str, Any]) -> bool:
    return bool(_REWRITING & set(row["rights"]))


async def _compare_clocks(database: Database, clock: Clock) -> Observation:
    checked = CheckedClock(clock, database=database)
    await checked.look()
    said = f"differs from the database's by {_seconds(checked.ahead)}"
    if checked.is_wrong:
        limit = _seconds(CLOCKS_DIFFER_BY_AT_MOST)
        return wrong("clock", said, f"set it by NTP, here and there; beyond {limit} nothing is sent")
    return ok("clock", said)


def _seconds(span: timedelta) -> str:
    return f"{abs(span.total_seconds()):.1f} s"
