"""Records that could not be read: somebody decides about each, once."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.quarantine import AlreadyDecided, RecordNotFound
from preferences.cli.main import cli
from preferences.desk import quarantine
from schemas.envelope import Malformed
from tests.preferences.stories import NOW, SMS, broken_record, happened, hears, latest, record, snapshots
from tests.support.databases import Databases
from tests.support.kept import find_kept
from tests.support.staff import staff

pytestmark = pytest.mark.migrated("preferences")

CLOCK = ManualClock(NOW)
LATER = ManualClock(NOW + timedelta(hours=1))


async def test_a_dismissed_record_makes_nobody_wait(database: Database) -> None:
    await hears(database, broken_record())

    await quarantine.dismiss(1, actor=staff("eve"), database=database, clock=CLOCK)

    assert [each.unreadable for each in await snapshots(database)] == [True, False]
    assert (await find_kept(1, database)).closed_by == "eve"


async def test_of_two_records_about_somebody_both_must_be_decided(database: Database) -> None:
    await hears(database, broken_record(offset=1), broken_record(offset=2))

    await quarantine.dismiss(1, actor=staff("eve"), database=database, clock=CLOCK)

    assert (await latest(database)).unreadable


async def test_a_replayed_record_does_what_it_says(database: Database) -> None:
    early = happened("consent.withdrawn", "2026-11-24T17:00Z", channel="sms", address=SMS)
    await hears(database, record(early))
    assert (await latest(database)).unreadable

    await quarantine.replay(1, actor=staff("eve"), database=database, clock=LATER)

    snapshot = await latest(database)
    assert [each.address for each in snapshot.opt_outs] == [SMS]
    assert not snapshot.unreadable


async def test_a_record_that_still_cannot_be_read_stays(database: Database) -> None:
    await hears(database, broken_record())

    with pytest.raises(Malformed):
        await quarantine.replay(1, actor=staff("eve"), database=database, clock=LATER)

    assert (await find_kept(1, database)).state == "open"
    assert (await latest(database)).unreadable


async def test_a_record_is_decided_about_once(database: Database) -> None:
    await hears(database, broken_record())
    await quarantine.dismiss(1, actor=staff("eve"), database=database, clock=CLOCK)

    with pytest.raises(AlreadyDecided):
        await quarantine.dismiss(1, actor=staff("bob"), database=database, clock=CLOCK)
    with pytest.raises(AlreadyDecided):
        await quarantine.replay(1, actor=staff("bob"), database=database, clock=CLOCK)


async def test_a_record_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(RecordNotFound):
        await quarantine.replay(77, actor=staff("eve"), database=database, clock=CLOCK)


async def test_a_record_that_comes_again_is_not_kept_again(database: Database) -> None:
    await hears(database, broken_record())
    await quarantine.dismiss(1, actor=staff("eve"), database=database, clock=CLOCK)

    await hears(database, broken_record())

    assert not (await latest(database)).unreadable


def ask(database_url: str, *arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(cli, list(arguments), env={"PREFERENCES_DATABASE_URL": database_url})
    return answer.exit_code, answer.output


async def _two_bad_records(database_url: str) -> None:
    async with Database.open(database_url, size=1, name="test") as database:
        await hears(
            database, broken_record(value=b'{"secret": "ada@example.com"', offset=4), broken_record(offset=5)
        )


@pytest.fixture
def with_two_bad_records(databases: Databases) -> Iterator[str]:
    url = asyncio.run(databases.fresh("preferences"))
    asyncio.run(_two_bad_records(url))
    yield url
    asyncio.run(databases.drop(url))


def test_the_list_names_place_and_reason_and_nobody(with_two_bad_records: str) -> None:
    code, output = ask(with_two_bad_records, "quarantine", "list")

    assert code == 0
    assert "person-events.v1/0@4" in output
    assert "not_json" in output
    assert "2 open" in output
    assert "ada@" not in output


def test_the_list_answers_in_json(with_two_bad_records: str) -> None:
    code, output = ask(with_two_bad_records, "quarantine", "list", "--json")

    assert code == 0
    assert [(each["id"], each["offset"], each["person"]) for each in json.loads(output)] == [
        (1, 4, "person-1"),
        (2, 5, "person-1"),
    ]


def test_content_is_shown_only_when_asked_for(with_two_bad_records: str) -> None:
    _, without = ask(with_two_bad_records, "quarantine", "show", "1")
    _, content = ask(with_two_bad_records, "quarantine", "show", "1", "--content", "--json")

    assert "ada@" not in without
    assert json.loads(content)["value"] == '{"secret": "ada@example.com"'


def test_a_person_decides_by_command(with_two_bad_records: str) -> None:
    assert ask(with_two_bad_records, "quarantine", "dismiss", "1") == (0, "record 1 dismissed\n")
    (act,) = json.loads(ask(with_two_bad_records, "acts", "1", "--json")[1])
    assert (act["act"], act["actor"]["known_by"]) == ("quarantine dismiss", "system_user")

    assert ask(with_two_bad_records, "quarantine", "dismiss", "1") == (1, "record 1 is dismissed already\n")
    assert ask(with_two_bad_records, "quarantine", "replay", "2")[0] == 1
    assert ask(with_two_bad_records, "quarantine", "show", "77") == (1, "no record 77 is in the quarantine\n")


def test_a_missing_or_wrong_setting_is_named_in_one_line() -> None:
    missing = CliRunner().invoke(
        cli, ["run"], env={"PREFERENCES_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/x"}
    )
    away = ask("postgresql://u:hidden@127.0.0.1:1/x", "quarantine", "list")

    assert (missing.exit_code, missing.output) == (2, "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS: is required\n")
    assert away[0] == 2
    assert away[1].startswith(
        "PREFERENCES_DATABASE_URL: PostgreSQL at 127.0.0.1:1, database x, cannot be reached"
    )
    assert "hidden" not in away[1] + missing.output


def test_migrating_twice_does_no_harm(databases: Databases) -> None:
    url = asyncio.run(databases.fresh())

    first, second = ask(url, "migrate"), ask(url, "migrate")

    assert "preferences/0001_people" in first[1]
    assert second == (0, "up to date\n")
