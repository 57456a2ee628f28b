"""The audit finds what should not have gone out, however it came about."""

import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import pytest

from foundation.clock import parse_instant
from foundation.database import Database
from outreach.audit.audit import Findings, audit
from outreach.guidance.files.folder import read_folder
from tests.support.world import SAMPLE, World

_BEGINS = parse_instant("2026-03-01T00:00Z")


async def found(world: World) -> Findings:
    return await audit(database=world.database, since=_BEGINS)


def checks(findings: Findings) -> set[str]:
    return {each.check for each in findings.violations}


async def a_world_with_one_message(database: Database, **person: Any) -> World:
    """Ada lives in Chicago and got an introduction on Monday, March 2, at 10:01 there."""
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person(**person)
    await world.debt(ada)
    await world.works_until("2026-03-02T17:00Z")
    assert len(world.sent) == 1
    async with database.transaction() as connection:
        await connection.execute("UPDATE config_versions SET content = $1", read_folder(SAMPLE))
    return world


async def plant(
    world: World, at: str, *, key: str = "d1/planted/1", sets: Iterable[tuple[str, Any]] = ()
) -> None:
    """Copy the first call to another instant, as if it had been decided and made then.

    `sets` replaces parts of the situation on record, by their path.
    """
    async with world.database.transaction() as connection:
        first = await connection.fetchrow("SELECT attempt_id FROM attempts ORDER BY called_at LIMIT 1")
        assert first is not None
        situation = msgspec.json.decode(
            await connection.fetchval("SELECT situation FROM decisions WHERE decision = 'send' LIMIT 1")
        )
        situation["now"] = at
        situation["subject"] |= {"key": key, "expires_at": "2026-06-01T00:00:00Z"}
        for path, value in sets:
            *outer, last = path.split(".")
            part = situation
            for each in outer:
                part = part[each]
            part[last] = value
        instant, touch = parse_instant(at), uuid5(NAMESPACE_URL, key)
        attempt = await connection.fetchval(_ATTEMPT, first["attempt_id"], instant, touch)
        await connection.execute(_CONTACT, first["attempt_id"], str(attempt), instant, key, attempt)
        await connection.execute(_DECISION, instant, msgspec.json.encode(situation), touch)


_ATTEMPT = """
INSERT INTO attempts (attempt_id, touch_id, person_id, person_revision, policy, channel, provider, address,
                      message, wordings, decided_at, valid_until, leased_until, called_at, settled_at,
                      outcome)
SELECT gen_random_uuid(), $3, person_id, 0, policy, channel, provider, address, message, wordings, made.at,
       made.at + interval '1 hour', made.at + interval '2 minutes', made.at, made.at, 'accepted'
  FROM attempts, (SELECT $2::timestamptz AS at) AS made WHERE attempt_id = $1
RETURNING attempt_id"""
_CONTACT = """
INSERT INTO contacts (contact_id, person_id, at, channel, direction, debts, purpose, outcome, key, address,
                      attempt_id)
SELECT $2, person_id, $3, channel, direction, debts, purpose, 'accepted', $4, address, $5
  FROM contacts WHERE attempt_id = $1"""
_DECISION = """
INSERT INTO decisions (touch_id, person_id, channel, decided_at, decision, reasons, policy, digest, answers,
                       situation)
SELECT $3, person_id, channel, $1, 'send', '{}', policy, digest, answers, $2
  FROM decisions WHERE decision = 'send' LIMIT 1"""


async def test_what_the_product_sends_passes(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await world.works_until("2026-03-31T17:00Z")

    findings = await found(world)

    assert findings.violations == []
    assert findings.messages == len(world.sent) >= 3
    assert findings.notes == []


async def test_a_message_at_three_in_the_morning_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-10T08:00:00Z")

    findings = await found(world)

    assert checks(findings) == {"hours"}
    assert all("Tue 03:00 in America/Chicago" in each.problem for each in findings.violations)


async def test_a_third_message_in_a_week_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-04T18:00:00Z", key="d1/planted/1")
    assert checks(await found(world)) == set()

    await plant(world, "2026-03-06T20:00:00Z", key="d1/planted/2")

    findings = await found(world)
    assert checks(findings) == {"caps"}
    assert any("house.week: 2 before it" in each.problem for each in findings.violations)


async def test_a_message_the_day_after_another_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-03T20:00:00Z")

    assert checks(await found(world)) == {"spacing"}


async def test_a_message_after_an_unsubscribe_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await world.unsubscribes()
    await plant(world, "2026-03-10T18:00:00Z")

    assert checks(await found(world)) == {"after_a_stop"}


def a_consent(given: str, heard: str, basis: str = "written") -> dict[str, str]:
    return {"basis": basis, "at": given, "heard_at": heard}


CONSENTS = {
    "heard before it, given ahead": (a_consent("2026-03-02T18:04:00Z", "2026-03-02T17:59:00Z"), True),
    "heard after it, given before": (a_consent("2026-03-01T10:00:00Z", "2026-03-02T18:10:00Z"), True),
    "by a creditor": (a_consent("2026-03-03T10:00:00Z", "2026-03-03T10:00:00Z", "creditor_notice"), True),
    "heard and given after it": (a_consent("2026-03-03T10:00:00Z", "2026-03-03T10:00:01Z"), False),
}


@pytest.mark.parametrize(("consent", "is_found"), CONSENTS.values(), ids=CONSENTS)
async def test_a_stop_that_a_consent_lifted_without_right_is_found(
    database: Database, consent: dict[str, str], *, is_found: bool
) -> None:
    world = await a_world_with_one_message(database, email=None)
    world.clock.move_to(parse_instant("2026-03-02T18:00Z"))
    await world.answers("STOP")
    await world.runs(
        "UPDATE suppressions SET lifted_at = '2026-03-02T18:00:01Z', lifted_by = 'preferences'"
        " WHERE kind = 'opted_out'"
    )

    await plant(world, "2026-03-12T16:00:00Z", sets=[("facts.consents", {"sms": [consent]})])

    assert ("after_a_stop" in checks(await found(world))) is is_found


async def test_a_touch_that_was_called_twice_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-10T18:00:00Z")
    await plant(world, "2026-03-17T18:00:00Z")

    assert checks(await found(world)) == {"called_twice"}


async def test_a_touch_may_be_called_again_where_the_first_call_reached_nobody(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-10T18:00:00Z")
    async with database.transaction() as connection:
        await connection.execute("UPDATE contacts SET outcome = 'not_sent' WHERE key = 'd1/planted/1'")
    await plant(world, "2026-03-17T18:00:00Z")

    assert checks(await found(world)) == set()


async def test_a_call_that_reached_nobody_takes_nobodys_time(database: Database) -> None:
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-10T18:00:00Z", key="d1/planted/1")
    async with database.transaction() as connection:
        await connection.execute("UPDATE contacts SET outcome = 'not_sent' WHERE key = 'd1/planted/1'")
    await plant(world, "2026-03-10T18:00:00Z", key="d1/planted/2")

    assert checks(await found(world)) == set()


async def test_a_call_that_nobody_decided_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM decisions WHERE decision = 'send'")

    assert checks(await found(world)) == {"decision"}


async def test_a_call_after_its_permission_ended_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    async with database.transaction() as connection:
        await connection.execute("UPDATE attempts SET valid_until = called_at")

    assert checks(await found(world)) == {"as_decided"}


@pytest.mark.parametrize(
    ("path", "value", "check"),
    [
        ("facts.consents", {}, "consent"),
        ("facts.holds", [{"kind": "attorney_represented"}], "holds"),
        ("facts.holds", [{"kind": "hold", "until": "2026-03-11"}], "holds"),
        ("facts.opt_outs", [{"channel": "email", "at": "2026-03-05T00:00:00Z"}], "opt_outs"),
        ("wishes.refused_channels", ["email"], "opt_outs"),
        ("wishes.inconvenient", [{"days": [1], "begins": 43_200, "ends": 54_000}], "hours"),
        ("wishes.convenient", [{"days": [1], "begins": 61_200, "ends": 72_000}], "hours"),
        ("facts.events", [{"kind": "payment", "at": "2026-03-08T18:00:00Z"}], "spacing"),
        ("facts.nothing_due", True, "purpose"),
        ("subject.expires_at", "2026-03-10T18:00:00Z", "purpose"),
        ("evidence.addresses", [{"country": "US", "region": "DC", "postal_code": "20009"}], "notices"),
        ("evidence.phones", ["+441632960001", "+61491570006"], "hours required_words"),
    ],
    ids=lambda each: each if isinstance(each, str) and "." in each else "",
)
async def test_a_fact_that_forbade_it_is_found(
    database: Database, path: str, value: object, check: str
) -> None:
    """Planted on Tuesday, March 10, at 13:00 in Chicago, where nothing else forbids it."""
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-10T18:00:00Z", sets=[(path, value)])

    assert checks(await found(world)) == set(check.split())


async def required_words(world: World) -> list[str]:
    return [said.problem for said in (await found(world)).violations if said.check == "required_words"]


async def test_a_message_that_does_not_say_what_it_must_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE attempts SET message = jsonb_set(message::jsonb, '{text}', '\"Have a nice day.\"')::json"
        )

    assert await required_words(world) == [
        "the email did not hold the link to stop emails by",
        "us-federal.who_we_are: the message did not say debt_collector_disclosure",
    ]


async def test_a_text_that_names_no_word_to_stop_it_by_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database, preferred_channels=["sms"])
    async with database.transaction() as connection:
        await connection.execute("UPDATE attempts SET message = replace(message::text, 'STOP', 'HALT')::json")

    assert await required_words(world) == ["the text named no word to stop texts by"]


async def test_a_holiday_is_found(database: Database) -> None:
    world = await a_world_with_one_message(database)
    toronto = [{"country": "CA", "region": "ON", "postal_code": "M5V 2T6"}]
    notice = {"written_notice": "2026-02-01"}
    places = [("evidence.addresses", toronto), ("evidence.phones", []), ("facts.notices", notice)]
    await plant(world, "2026-04-02T18:00:00Z", sets=places)
    assert checks(await found(world)) == set()

    await plant(world, "2026-04-06T16:00:00Z", key="d1/planted/2", sets=places)
    assert checks(await found(world)) == set()

    await plant(world, "2026-04-03T18:00:00Z", key="d1/planted/3", sets=places)
    assert "blackout_days" in checks(await found(world))


async def test_the_command_lists_violations_and_fails(database: Database, database_url: str) -> None:
    world = await a_world_with_one_message(database)
    await plant(world, "2026-03-10T09:00:00Z")

    process = await create_subprocess_exec(
        *(sys.executable, "-m", "outreach.cli.main", "audit", "--json"),
        env={**os.environ, "OUTREACH_DATABASE_URL": database_url},
        stdout=PIPE,
    )
    answer, _ = await process.communicate()

    told = msgspec.json.decode(answer)
    assert process.returncode == 1
    assert told["messages"] == 2
    assert told["by_check"]["hours"] == len(told["violations"]) > 0
    assert {"since", "people", "checks", "notes"} < told.keys()
