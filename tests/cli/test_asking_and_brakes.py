"""What operations staff ask and do from the command line, on a real database.

Commands read the machine's clock: where one puts a touch back, the story is told in 2036, after
any of that clock's instants.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from foundation.database import Database
from foundation.records import Record
from outreach.cli.main import cli
from outreach.desk.stories import tell_subject
from outreach.sending.obstacles import ObstacleLimits
from tests.support.world import SAMPLE, World, usd


@pytest.fixture
def outreach(database_url: str) -> Any:
    """Run a command as staff would, with the database of this test."""
    env = {"OUTREACH_DATABASE_URL": database_url, "OUTREACH_CONFIG_DIR": str(SAMPLE)}

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, list(words), env=env)

    return run


async def test_explain_tells_what_was_decided_and_what_came_of_it(database: Database, outreach: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    await world.works_until("2026-03-02T17:00Z")

    told = await outreach("explain", ada)

    assert told.exit_code == 0
    assert "introduction placed  accepted" in told.output
    assert "called at 2026-03-02 16:00:00Z, accepted" in told.output
    assert "ada@example.com" not in told.output


async def test_explain_at_an_instant_names_every_rule_its_source_and_the_next_permitted_moment(
    database: Database, outreach: Any
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)

    told = await outreach("explain", ada, "--at", "2026-03-03T04:30Z")

    # 22:30 in Chicago: the house opens at 08:00, which is 14:00Z.
    assert "house.hours" in told.output
    assert "2026-03-03 14:00:00Z" in told.output
    assert "Tue 2026-03-03 08:00 America/Chicago" in told.output


async def test_a_past_decision_is_told_rule_by_rule_by_the_policy_and_facts_of_that_time(
    database: Database, outreach: Any
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    await world.works_until("2026-03-02T17:00Z")
    touch = await world.asks("SELECT touch_id FROM touches WHERE play = 'introduction'")
    await world.unsubscribes()

    told = await outreach("explain", str(touch))

    # It was sent at 10:00 in Chicago, before the opt-out, which the decision did not know.
    assert "asked at   2026-03-02 16:00:00Z" in told.output
    assert "house.hours" in told.output
    assert "opt-outs: none" in told.output


async def test_explain_in_json_can_be_read_by_programs(database: Database, outreach: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    await world.works_until("2026-03-02T17:00Z")

    told = json.loads((await outreach("explain", ada, "--json")).output)

    introduction = next(each for each in told if each["touch"]["play"] == "introduction")
    assert introduction["decisions"][0]["decision"] == "send"
    assert introduction["attempts"][0]["outcome"] == "accepted"


async def test_what_is_planned_says_when_it_can_go_and_that_money_calls_it_off(
    database: Database, outreach: Any
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    part = {"number": 1, "due_on": "2036-04-10", "amount": usd("80.00")}
    await world.hears(world.happens("plan.agreed", to=ada, debt_id="d1", plan_id="p1", instalments=[part]))

    told = (await outreach("explain", ada)).output.split("\n\n")
    missed = next(story for story in told if "missed_instalment" in story)
    confirmation = next(story for story in told if "plan_confirmation" in story)
    in_json = json.loads((await outreach("explain", ada, "--json")).output)

    assert "can go from 2036-04-1" in missed
    assert "only if what is due on 2036-04-10 is not paid by then" in missed
    assert "can go from 2036-03-03" in confirmation
    assert "only if" not in confirmation
    outlook = next(one["outlook"] for one in in_json if one["touch"]["play"] == "missed_instalment")
    assert outlook[1:] == ["only if what is due on 2036-04-10 is not paid by then"]

    await world.answers("STOP", phone="+13125550142")
    await world.unsubscribes()
    assert "will not go, as things are: opted_out" in (await outreach("explain", ada)).output


async def test_of_what_is_deferred_every_rule_that_holds_it_is_told_the_longest_first(
    database: Database,
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    await world.works_until("2036-03-03T17:00Z")
    part = {"number": 1, "due_on": "2036-04-10", "amount": usd("80.00")}
    await world.hears(world.happens("plan.agreed", to=ada, debt_id="d1", plan_id="p1", instalments=[part]))
    await world.works_until("2036-03-03T18:00Z")

    told = await tell_subject(
        ada,
        database=database,
        limits=ObstacleLimits(),
        now=world.clock.now(),
        policy=world.guidance.policy,
    )

    confirmation = next(story.touch for story in told.stories if story.touch.play == "plan_confirmation")
    longest, *others = told.outlooks[confirmation.touch_id]
    assert longest == "held by house.spacing (spacing), until 2036-03-05 16:00Z"
    assert any("(frequency_cap), until 2036-03-0" in other for other in others)


async def test_explaining_somebody_unknown_fails_and_says_so(database: Database, outreach: Any) -> None:
    told = await outreach("explain", "nobody")

    assert told.exit_code == 1
    assert "nobody" in told.output


async def test_what_is_paused_waits_and_resuming_lets_it_go(database: Database, outreach: Any) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person()
    await world.debt(ada)

    assert (await outreach("pause", "--creditor", "northwind")).exit_code == 0
    await world.works_until("2036-03-03T18:00Z")
    assert world.sent == []

    assert (await outreach("resume", "--creditor", "northwind", "--spread", "0")).exit_code == 0
    await world.works_until("2036-03-03T18:30Z")
    assert len(world.sent) == 1


async def test_pausing_says_how_many_it_holds_and_refuses_names_that_nobody_has(
    database: Database, outreach: Any
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person()
    await world.debt(ada)

    told = await outreach("pause", "--creditor", "northwind", "--play", "introduction")
    none = await outreach("pause", "--play", "closure")
    mistyped = await outreach("pause", "--play", "chek_in", "--creditor", "northwind")

    assert "paused: 1 unsent message, 0 due within a day" in told.output
    assert "paused: 0 unsent messages" in none.output
    assert mistyped.exit_code == 1
    assert "nothing is paused: no play is called `chek_in`; did you mean `check_in`?" in mistyped.output
    assert len((await outreach("pauses")).output.splitlines()) == 2


async def test_pauses_are_listed_with_the_options_that_end_them(outreach: Any) -> None:
    assert "nothing is paused" in (await outreach("pauses")).output
    await outreach("pause", "--play", "check_in", "--channel", "sms")
    await outreach("pause")

    told = (await outreach("pauses")).output.splitlines()

    assert [each.split("  ")[0] for each in told] == ["--play check_in --channel sms", "everything"]

    await outreach("resume")
    assert len((await outreach("pauses")).output.splitlines()) == 1


async def test_resuming_says_how_many_it_lets_go_and_what_was_not_paused_or_nobody_has(
    database: Database, outreach: Any
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    await outreach("pause", "--creditor", "northwind", "--play", "introduction")

    listed = await outreach("pauses")
    mistyped = await outreach("resume", "--creditor", "nortwind", "--play", "introduction")
    not_paused = await outreach("resume", "--creditor", "northwind")
    told = await outreach("resume", "--creditor", "northwind", "--play", "introduction")

    assert listed.output.endswith("  1 unsent message, 0 due within a day\n")
    assert (mistyped.exit_code, not_paused.exit_code, told.exit_code) == (1, 1, 0)
    assert (
        "nothing is resumed: no creditor is called `nortwind`; did you mean `northwind`?" in mistyped.output
    )
    assert "no such pause; `outreach pauses` lists each" in not_paused.output
    assert "resumed: 1 unsent message, 0 due within a day" in told.output


async def test_canceling_says_whether_there_is_no_such_touch_or_where_it_stands(
    database: Database, outreach: Any
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    touch = await world.asks("SELECT touch_id FROM touches WHERE play = 'introduction'")
    await outreach("cancel", str(touch))

    again = await outreach("cancel", str(touch))
    nobodys = await outreach("cancel", "018f0000-0000-7000-8000-000000000000")

    assert (again.exit_code, nobodys.exit_code) == (1, 1)
    assert "not cancelled: it is past that (cancelled)" in again.output
    assert "not cancelled: no touch has this id" in nobodys.output
    asked = await outreach("explain", "018f0000-0000-7000-8000-000000000000")
    assert (asked.exit_code, "no touch has the id 018f" in asked.output) == (1, True)
    misread = await outreach("cancel", "nosuch")
    assert (misread.exit_code, "nosuch is no touch's id" in misread.output) == (2, True)


async def test_a_cancelled_touch_is_never_taken_up_again(database: Database, outreach: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    touch = await world.asks("SELECT touch_id FROM touches WHERE play = 'introduction'")

    assert (await outreach("cancel", str(touch))).exit_code == 0
    await world.hears(world.happens("debt.updated", to=ada, debt_id="d1", status="open"))
    await world.works_until("2026-03-02T18:00Z")

    assert world.sent == []
    assert (await world.touches())["introduction placed"] == "cancelled"
    assert (await outreach("cancel", str(touch))).exit_code == 1


async def test_after_a_human_has_answered_automation_goes_on(database: Database, outreach: Any) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person()
    await world.answers("I lost my job, can we talk?")
    await world.debt(ada)
    await world.works_until("2036-03-03T18:00Z")
    assert world.sent == []

    assert (await outreach("release", ada, "--was", "none")).exit_code == 0
    await world.works_until("2036-03-03T18:30Z")

    assert len(world.sent) == 1


async def test_a_quarantined_record_is_shown_and_dismissing_it_ends_the_wait(
    database: Database, outreach: Any
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    await world.reads([Record("debts.v1", 0, 99, b"ada", b"{not json", ())])
    await world.works_until("2036-03-03T18:00Z")
    assert world.sent == []

    (kept,) = json.loads((await outreach("quarantine", "list", "--json")).output)
    assert (kept["reason"], kept["person"], kept["offset"]) == ("not_json", "ada", 99)
    assert "{not json" in (await outreach("quarantine", "show", str(kept["id"]), "--content")).output
    assert (await outreach("quarantine", "replay", str(kept["id"]))).exit_code == 1
    assert (await outreach("quarantine", "dismiss", str(kept["id"]))).exit_code == 0
    again = await outreach("quarantine", "dismiss", str(kept["id"]))
    assert (again.exit_code, "is dismissed already" in again.output) == (1, True)
    await world.works_until("2036-03-03T18:30Z")

    assert len(world.sent) == 1


async def test_export_is_the_whole_story_of_one_person(database: Database, outreach: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    await world.works_until("2026-03-02T17:00Z")
    await world.answers("STOP")

    story = json.loads((await outreach("export", "--person", ada)).output)

    assert story["attempts"][0]["message"]["to"] == "ada@example.com"
    assert [each["understood"] for each in story["replies"]] == ["opt_out"]
    assert [each["kind"] for each in story["suppressions"]] == ["opted_out"]
    assert story["debts"][0]["debt_id"] == "d1"


async def test_a_missing_setting_is_one_line_that_names_the_variable() -> None:
    told = await asyncio.to_thread(
        CliRunner().invoke, cli, ["explain", "ada"], env={"OUTREACH_DATABASE_URL": None}
    )

    assert told.exit_code == 2
    assert "OUTREACH_DATABASE_URL: is required" in told.output


async def test_checking_a_folder_checks_the_playbook_too(tmp_path: Path, outreach: Any) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "config"))
    playbook = folder / "playbook.yaml"
    playbook.write_text(playbook.read_text().replace("on: debt.quiet", "on: debt.silent"))

    told = await outreach("check", str(folder))

    line = next(n for n, text in enumerate(playbook.read_text().splitlines(), 1) if "debt.silent" in text)
    assert told.exit_code == 1
    assert f"playbook.yaml:{line}:" in told.output


async def test_checking_with_what_was_decided_finds_windows_that_leave_somebody_no_hour(
    database: Database, tmp_path: Path, outreach: Any
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    ada = await world.person(zones=["Asia/Kolkata"])
    await world.debt(ada)
    await world.works_until("2036-03-03T17:00Z")
    policy = tmp_path / "policy.yaml"
    window = '{days: mon-fri, from: "09:00", to: "16:00"}'
    rule = f"  - {{id: narrow, kind: contact_window, windows: [{window}]}}"
    policy.write_text(f"policy: narrow\nrules:\n{rule}\n")

    alone = await outreach("policy", "check", str(policy))
    with_data = await outreach("policy", "check", str(policy), "--since", "30d")

    assert alone.exit_code == 0
    assert with_data.exit_code == 1
    assert "Asia/Kolkata" in with_data.output


async def test_questions_name_the_event_and_what_to_do_about_it(database: Database, outreach: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    assert "nothing contradicts the rest" in (await outreach("questions")).output
    placed = world.places(await world.person(), "d1", creditor="who")
    await world.hears(placed)

    told = await outreach("questions")
    [as_json] = json.loads((await outreach("questions", "--json")).output)

    assert told.exit_code == 0
    assert "unknown_creditor" in told.output
    assert f"{placed['source']} {placed['id']}" in told.output
    assert told.output.splitlines()[-1] == "1 open"
    assert as_json["event"] == {"source": placed["source"], "id": placed["id"]}
    assert (as_json["person"], as_json["debt_id"], as_json["about"]) == ("ada", "d1", "who")
