"""Every command that changes something is run once, and each leaves who, when, what, about whom and why."""

import asyncio
import os
import pwd
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from foundation import flood, offsets, quarantine, recovery
from foundation.database import Database
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.recovery import Gap
from preferences.store.light_checks import WrongAnswers, count_wrong
from tests.cli.test_acts import ACTING, ASKING, CLIS
from tests.preferences.stories import NOW, broken_record, happened, hears, record
from tests.support.cloud_events import cloud_event, record_of
from tests.support.world import SAMPLE, World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

#: Whoever runs these tests, as the system knows them.
STAFF: Final = (pwd.getpwuid(os.getuid()).pw_name, "system_user")

#: What an act says: about whom or what it was, and why.
Said = tuple[str | None, str | None]
Run = Callable[..., Awaitable[Said]]


@pytest.fixture
def does(database_url: str, database: Database) -> Run:
    """Run a command as staff would, and return what its act says; it is of theirs, and of now."""

    async def run(service: str, command: str, *words: str) -> Said:
        env = {f"{service.upper()}_DATABASE_URL": database_url, "OUTREACH_CONFIG_DIR": str(SAMPLE)}
        before = await _newest(database)
        began = datetime.now(UTC)  # noqa: TID251 - commands read the machine's clock
        done = await asyncio.to_thread(CliRunner().invoke, CLIS[service], [*command.split(), *words], env=env)
        assert done.exit_code == 0, f"{command}: {done.output}"
        async with database.transaction() as connection:
            acts = await connection.fetch("SELECT * FROM acts WHERE act_id > $1", before)
        # Some show the person first, which is an act too.
        *looks, act = acts
        assert {look["act"] for look in looks} <= ASKING[service]
        assert act["act"].startswith(ACTING[service][command])
        assert (act["actor"], act["known_by"]) == STAFF
        assert began <= act["at"] <= datetime.now(UTC)  # noqa: TID251 - the same
        return act["subject"], act["reason"]

    return run


async def _newest(database: Database) -> int:
    async with database.transaction() as connection:
        return int(await connection.fetchval("SELECT coalesce(max(act_id), 0) FROM acts"))


async def _kept(database: Database, record: Record, *, person: str) -> str:
    """Keep a record aside, as a release did that could not read it; return its id there."""
    malformed = MalformedRecord(record=record, reason="not_json", problem="not JSON", person=person)
    now = datetime.now(UTC)  # noqa: TID251 - commands read the machine's clock
    async with database.transaction() as connection:
        [kept] = await quarantine.keep(connection, [malformed], now=now)
    return str(kept.id)


async def _is_restored_and_flooded(database: Database, *, group: str, topic: str) -> None:
    """Have the database lack what topics keep no longer, and reading be stopped."""
    gap = Gap(group=group, topic=topic, partition=0, cause="behind", stands=2, committed=5, lost=3)
    now = datetime.now(UTC)  # noqa: TID251 - commands read the machine's clock
    async with database.transaction() as connection:
        await recovery.note(connection, [gap], now=now)
        await offsets.advance(connection, group, {(topic, 0): 5})
        await flood.note(connection, group=group, topic=topic, now=now)


async def test_whatever_outreach_is_told_to_do_is_recorded(database: Database, does: Run) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)  # noqa: TID251 - commands read the machine's clock
    world = World(database, now=now.isoformat())
    await world.person()
    await world.debt("ada")
    await world.answers("call me")
    touch = str(await world.asks("SELECT touch_id FROM touches WHERE play = 'introduction'"))
    role = str(await world.asks("SELECT current_user::text"))
    said: dict[str, Said] = {}

    async def do(command: str, *words: str) -> None:
        said[command] = await does("outreach", command, *words)

    await do("grant", role)
    await do("tokens mint", "dialer", "--scope", "ask")
    await do("tokens revoke", "dialer")
    await do("pause", "--play", "check_in", "--reason", "a trial")
    await do("resume", "--play", "check_in")
    await do("answer", "ada", "--text", "Thank you. When suits you?")
    await do("release", "ada", "--was", "none")
    await do("cancel", touch, "--reason", "by phone")
    await do("stop", "ada", "--channel", "sms")
    await do("unstop", "ada", "--why", "wrong ada", "--evidence", "call 7")
    dismissed = await _kept(database, Record("debts.v1", 0, 90, b"ada", b"{", ()), person="ada")
    await do("quarantine dismiss", dismissed)
    event = cloud_event(
        "debt.closed.v1", {"debt_id": "d1", "reason": "paid"}, to="ada", at=now, event_id="closed-1"
    )
    read = record_of(event)
    replayed = await _kept(
        database, Record("debts.v1", 0, 91, read.key, read.value, tuple(read.headers)), person="ada"
    )
    await do("quarantine replay", replayed)
    await _is_restored_and_flooded(database, group="outreach.debts.v1", topic="debts.v1")
    await do("quarantine resume", "debts.v1")
    await do("recover", "--accept-loss")

    stop, why = said.pop("unstop")
    assert str(stop).endswith(":ada:sms")
    assert why == "wrong ada (evidence: call 7)"
    assert said == {
        "grant": (role, None),
        "tokens mint": ("dialer", None),
        "tokens revoke": ("dialer", None),
        "pause": ("check_in", "a trial"),
        "resume": ("check_in", None),
        "answer": ("ada", None),
        "release": ("ada", None),
        "cancel": (touch, "by phone"),
        "stop": ("ada", None),
        "quarantine dismiss": (dismissed, None),
        "quarantine replay": (replayed, None),
        "quarantine resume": ("debts.v1", None),
        "recover": (None, None),
    }
    # Who migrated is recorded on a database that has to be: tests/cli/test_acts.py.
    assert {*said, "unstop", "migrate"} == set(ACTING["outreach"])


@pytest.mark.migrated("preferences")
async def test_whatever_preferences_is_told_to_do_is_recorded(
    database: Database, does: Run, tmp_path: Path
) -> None:
    await hears(
        database,
        happened("consent.granted", to="ada", channel="sms", basis="direct"),
        happened("consent.granted", to="bob", channel="sms", basis="direct"),
        happened("consent.granted", to="eve", channel="sms", basis="direct"),
    )
    async with database.transaction() as connection:
        role = str(await connection.fetchval("SELECT current_user::text"))
        await count_wrong(connection, "ada", WrongAnswers(9, NOW, NOW))
    file = tmp_path / "people.csv"
    file.write_text("person_id,given_name\nada,Ada\n", encoding="utf-8")
    said: dict[str, Said] = {}

    async def do(command: str, *words: str) -> None:
        said[command] = await does("preferences", command, *words)

    await do("grant", role)
    await do("tokens mint", "agents", "--scope", "read")
    await do("tokens revoke", "agents")
    await do("import", str(file), "--as-of", "2026-03-02T15:00Z", "--commit")
    await do("links revoke", "ada")
    await do("links unlock", "ada")
    await do("merge", "ada", "bob", "--reason", "one phone")
    await do("separate", "ada", "bob", "--reason", "a household")
    await do("erase", "eve", "--reason", "asked by letter", "--commit")
    await do("readmit", "eve", "--reason", "a new debt")
    await do("rebuild")
    dismissed = await _kept(database, broken_record(key=b"ada"), person="ada")
    await do("quarantine dismiss", dismissed)
    event = happened("consent.withdrawn", to="ada", channel="sms")
    replayed = await _kept(database, record(event, offset=91), person="ada")
    await do("quarantine replay", replayed)
    topic = "person-events.v1"
    await _is_restored_and_flooded(database, group=f"preferences.{topic}", topic=topic)
    await do("quarantine resume", topic)
    await do("recover", "--accept-loss")

    assert said == {
        "grant": (role, None),
        "tokens mint": ("agents", None),
        "tokens revoke": ("agents", None),
        "import": (None, "people.csv"),
        "links revoke": ("ada", None),
        "links unlock": ("ada", None),
        "merge": ("ada", "bob: one phone"),
        "separate": ("ada", "bob: a household"),
        "erase": ("eve", "asked by letter"),
        "readmit": ("eve", "a new debt"),
        "rebuild": (None, None),
        "quarantine dismiss": (dismissed, None),
        "quarantine replay": (replayed, None),
        "quarantine resume": (topic, None),
        "recover": (None, None),
    }
    assert {*said, "migrate"} == set(ACTING["preferences"])
