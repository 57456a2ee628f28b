"""Schema changes are applied once and in order, whoever tries; wrong files are refused before any runs."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from foundation.migrations import migrate
from foundation.revisions import BadMigrations, DatabaseOfAnother, why_schema_differs

pytestmark = pytest.mark.migrated(None)

Shipping = Callable[..., str]
_NUMBERS = count(1)


@pytest.fixture
def shipping(tmp_path: Path) -> Iterator[Shipping]:
    """Write a package that ships these migrations, importable for as long as the test runs."""

    def ship(files: Mapping[str, str], package: str = "") -> str:
        package = package or f"shipped_{next(_NUMBERS)}"
        folder = tmp_path / package / "store" / "migrations"
        folder.mkdir(parents=True, exist_ok=True)
        (tmp_path / package / "__init__.py").touch()
        for name, text in files.items():
            (folder / name).write_text(text)
        return package

    sys.path.insert(0, str(tmp_path))
    yield ship
    sys.path.remove(str(tmp_path))


async def _ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_foundation_comes_first_and_a_second_run_finds_nothing(
    database_url: str, shipping: Shipping
) -> None:
    package = shipping(
        {"0001_things.sql": "CREATE TABLE things (id int); INSERT INTO things VALUES (1), (2);"}
    )

    first = await migrate(database_url, package=package)
    second = await migrate(database_url, package=package)

    assert [each.split("/")[0] for each in first] == ["foundation"] * (len(first) - 1) + [package]
    assert first[0] == "foundation/0001_outbox"
    assert first[-1] == f"{package}/0001_things"
    assert second == []
    assert await _ask(database_url, "SELECT count(*) FROM things") == 2
    assert await _ask(database_url, "SELECT count(*) FROM outbox") == 0


async def test_a_later_version_applies_what_is_new(database_url: str, shipping: Shipping) -> None:
    package = shipping({"0001_things.sql": "CREATE TABLE things (id int)"})
    await migrate(database_url, package=package)
    shipping({"0002_more.sql": "ALTER TABLE things ADD name text"}, package)
    shipping({"0003_index.sql": "CREATE INDEX ON things (name)"}, package)

    assert await migrate(database_url, package=package) == [f"{package}/0002_more", f"{package}/0003_index"]


async def test_replicas_may_race(database_url: str, shipping: Shipping) -> None:
    package = shipping({"0001_things.sql": "CREATE TABLE things (id int)"})

    answers = await asyncio.gather(*(migrate(database_url, package=package) for _ in range(6)))

    assert sorted(bool(each) for each in answers) == [False] * 5 + [True]


async def test_a_revision_that_fails_leaves_nothing_of_itself_and_keeps_those_before(
    database_url: str, shipping: Shipping
) -> None:
    package = shipping(
        {
            "0001_things.sql": "CREATE TABLE things (id int)",
            "0002_broken.sql": "CREATE TABLE half (id int); CREATE TABLE things (id int)",
        }
    )

    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(database_url, package=package)

    assert await _ask(database_url, "SELECT to_regclass('things') IS NOT NULL")
    assert await _ask(database_url, "SELECT to_regclass('half') IS NULL")
    assert await _ask(database_url, f"TABLE {package}_migrations") == "0001_things"


@pytest.mark.parametrize(
    "names",
    [["0002_second.sql"], ["0001_a.sql", "0003_c.sql"], ["1_first.sql"], ["0001_a.sql", "0001_b.sql"]],
    ids=["it begins with two", "a gap", "a short number", "a number twice"],
)
async def test_a_series_with_a_gap_is_refused(
    database_url: str, shipping: Shipping, names: list[str]
) -> None:
    package = shipping(dict.fromkeys(names, "SELECT 1"))

    with pytest.raises(BadMigrations, match=package):
        await migrate(database_url, package=package)

    assert await _ask(database_url, "SELECT to_regclass('outbox') IS NULL")


async def test_a_database_newer_than_the_program_is_left_alone(database_url: str, shipping: Shipping) -> None:
    newer = shipping({"0001_a.sql": "SELECT 1", "0002_b.sql": "SELECT 1"})
    await migrate(database_url, package=newer)
    await _ask(database_url, f"UPDATE {newer}_migrations SET version_num = '0003_c'")  # noqa: S608 (ours)

    with pytest.raises(BadMigrations, match="0003_c"):
        await migrate(database_url, package=newer)


async def test_a_table_in_use_stops_the_migration_instead_of_everybody(
    database_url: str, shipping: Shipping
) -> None:
    package = shipping({"0001_things.sql": "CREATE TABLE things (id int)"})
    await migrate(database_url, package=package)
    shipping({"0002_more.sql": "ALTER TABLE things ADD name text"}, package)
    holder = await asyncpg.connect(database_url)
    try:
        async with holder.transaction():
            await holder.execute("SELECT * FROM things")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await migrate(database_url, package=package)
    finally:
        await holder.close()

    assert await migrate(database_url, package=package) == [f"{package}/0002_more"]


async def test_a_file_changed_after_it_was_applied_is_refused_by_name(
    database_url: str, shipping: Shipping
) -> None:
    package = shipping({"0001_things.sql": "CREATE TABLE things (id int)"})
    await migrate(database_url, package=package)
    shipping(
        {"0001_things.sql": "CREATE TABLE things (id int, name text)", "0002_b.sql": "SELECT 1"}, package
    )

    with pytest.raises(BadMigrations, match=f"{package}: 0001_things was changed after it had been applied"):
        await migrate(database_url, package=package)

    assert await _ask(database_url, f"TABLE {package}_migrations") == "0001_things"


async def test_a_database_of_before_checksums_takes_those_of_today(
    database_url: str, shipping: Shipping
) -> None:
    package = shipping({"0001_things.sql": "CREATE TABLE things (id int)"})
    await migrate(database_url, package=package)
    await _ask(database_url, "DELETE FROM applied_migrations")

    assert await migrate(database_url, package=package) == []

    shipping({"0001_things.sql": "CREATE TABLE things (id bigint)"}, package)
    with pytest.raises(BadMigrations):
        await migrate(database_url, package=package)


async def _differs(url: str, package: str) -> str | None:
    connection = await asyncpg.connect(url)
    try:
        return await why_schema_differs(connection, package=package)
    finally:
        await connection.close()


async def test_a_release_says_in_what_the_schema_is_not_the_one_it_expects(
    database_url: str, shipping: Shipping
) -> None:
    package = shipping({"0001_things.sql": "CREATE TABLE things (id int)"})
    assert await _differs(database_url, package) == "the schema is older than this release: migrate"
    await migrate(database_url, package=package)
    assert await _differs(database_url, package) is None

    shipping({"0002_more.sql": "ALTER TABLE things ADD name text"}, package)
    older = await _differs(database_url, package)
    assert older == f"the schema is older than this release: {package}/0002_more is not applied"

    shipping({"0001_things.sql": "CREATE TABLE things (id bigint)"}, package)
    await migrate_unchecked(database_url, package)
    other = await _differs(database_url, package)
    assert (
        other
        == f"the schema is not that of this release: {package}/0001_things was applied with another text"
    )


async def migrate_unchecked(url: str, package: str) -> None:
    """Note the second migration as applied, as a replica with the first text would have."""
    await _ask(
        url,
        f"INSERT INTO applied_migrations VALUES ('{package}', '0002_more', "  # noqa: S608 (ours)
        "sha256('ALTER TABLE things ADD name text'), false)",
    )


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ALTER TABLE things ADD name text", None),
        (
            "-- Contracts: nobody reads it since 1.4\nALTER TABLE things DROP id",
            "the schema is too new for this release: {package}/0002_newer is not known here",
        ),
    ],
    ids=["expands", "contracts"],
)
async def test_an_older_release_goes_on_beside_a_newer_schema_unless_it_takes_something_away(
    database_url: str, shipping: Shipping, tmp_path: Path, text: str, answer: str | None
) -> None:
    package = shipping({"0001_things.sql": "CREATE TABLE things (id int)", "0002_newer.sql": text})
    await migrate(database_url, package=package)
    (tmp_path / package / "store" / "migrations" / "0002_newer.sql").unlink()

    assert await _differs(database_url, package) == (answer and answer.format(package=package))


async def test_the_database_of_another_service_is_refused_as_it_is(
    database_url: str, shipping: Shipping
) -> None:
    theirs = shipping({"0001_things.sql": "CREATE TABLE things (id int);"})
    ours = shipping({"0001_touches.sql": "CREATE TABLE touches (id int);"})
    await migrate(database_url, package=theirs)

    with pytest.raises(DatabaseOfAnother, match=f"this is the database of {theirs}"):
        await migrate(database_url, package=ours)

    assert await _ask(database_url, "SELECT to_regclass('touches') IS NULL")
    assert await _ask(database_url, f"SELECT to_regclass('{ours}_migrations') IS NULL")
    assert await _differs(database_url, ours) == f"this is the database of {theirs}"
    assert await migrate(database_url, package=theirs) == []
