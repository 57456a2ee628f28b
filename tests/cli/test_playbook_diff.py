"""`outreach playbook diff`: whose touches another playbook would plan otherwise, and which words change."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from foundation.database import Database
from outreach.cli.main import cli
from tests.support.driver import guidance_of
from tests.support.world import SAMPLE, World

FIRST_DAY = Path(__file__).parents[2] / "schemas" / "examples" / "first-day.jsonl"


def run(*words: str | Path, **env: str) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], env=env)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """Return a copy of the sample folder; each test changes something in it."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "config"))


def edit(folder: Path, good: str, bad: str) -> None:
    playbook = folder / "playbook.yaml"
    text = playbook.read_text()
    assert good in text
    playbook.write_text(text.replace(good, bad, 1))


def counted(told: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(row["change"], row["play"]): row["count"] for row in told["touches"] if row["change"] != "same"}


def test_a_folder_and_its_copy_are_the_same(changed: Path) -> None:
    done = run("playbook", "diff", SAMPLE, changed)

    assert done.output == "nothing changes: the files are the same\n"
    assert done.exit_code == 0


def test_a_changed_note_is_never_called_nothing(changed: Path) -> None:
    edit(changed, "creditors:", "# Who they are\ncreditors:")

    done = run("playbook", "diff", SAMPLE, changed)

    assert "changed: playbook.yaml" in done.output
    assert "only notes and spacing" in done.output
    assert done.exit_code == 1


def test_a_later_check_in_moves_by_play_and_reason(changed: Path) -> None:
    edit(changed, "after: 10d", "after: 14d")

    told = json.loads(run("playbook", "diff", SAMPLE, changed, "--events", FIRST_DAY, "--json").output)

    assert counted(told) == {("later", "check_in"): 1}
    (row,) = [row for row in told["touches"] if row["change"] == "later"]
    assert row["reason"] == "after"
    assert row["examples"][0]["person"] == "person-1001"
    assert told["keys"] == [
        {"file": "playbook.yaml", "path": "plays.check_in.after", "before": "10d", "after": "14d"}
    ]


def test_a_play_that_is_gone_and_one_that_is_new_are_named(changed: Path) -> None:
    edit(changed, "  check_in:\n", "  see_how_it_goes:\n")

    told = json.loads(run("playbook", "diff", SAMPLE, changed, "--events", FIRST_DAY, "--json").output)

    assert counted(told) == {("appears", "see_how_it_goes"): 1, ("vanishes", "check_in"): 1}
    assert {row["reason"] for row in told["touches"] if row["change"] != "same"} == {
        "a new play", "the play is gone",
    }  # fmt: skip


def test_a_condition_that_leaves_somebody_out_says_so(changed: Path) -> None:
    edit(changed, "    expires: 14d\n", '    expires: 14d\n    conditions: {minimum_balance: "99999"}\n')

    done = run("playbook", "diff", SAMPLE, changed, "--events", FIRST_DAY)

    assert "       1  vanish\n           1  introduction: conditions\n" in done.output
    assert "→ nothing" in done.output


def test_changed_words_stand_side_by_side(changed: Path) -> None:
    (changed / "templates" / "en" / "closure.sms.txt").write_text(
        "{{ agency.name }} for {{ creditor.name }}: all is done. Thank you.\n"
    )

    done = run("playbook", "diff", SAMPLE, changed)

    assert "templates/en/closure.sms.txt\n  before:" in done.output
    assert "| Harbor Recovery for Elm Bank: all is done." in done.output


def test_a_policy_that_changed_is_referred_to_its_own_command(changed: Path) -> None:
    (changed / "policy.yaml").write_text("policy: other\n")

    done = run("playbook", "diff", SAMPLE, changed)

    assert "policy.yaml policy: harbor → other" in done.output
    assert "`outreach policy diff`" in done.output


def test_the_diff_of_policies_says_what_else_changed(changed: Path) -> None:
    edit(changed, "after: 10d", "after: 14d")
    cases = Path(__file__).parents[1] / "policy" / "cases" / "engine.yaml"

    done = run("policy", "diff", SAMPLE, changed, "--cases", cases)

    assert "changed too: playbook.yaml; see `outreach playbook diff" in done.output
    assert done.exit_code == 1


def test_what_cannot_be_used_is_not_compared(changed: Path) -> None:
    edit(changed, "after: 10d", "after: 10 days")

    done = run("playbook", "diff", SAMPLE, changed)

    assert done.exit_code == 2
    assert "'10 days' is not a duration" in done.output


def test_a_folder_that_is_not_there_is_named(changed: Path) -> None:
    done = run("playbook", "diff", SAMPLE, changed.parent / "confg")

    assert done.exit_code == 2
    assert f"{changed.parent / 'confg'}:1:1: error: there is no such folder" in done.output


def test_a_name_that_nobody_has_is_refused_and_not_compared(changed: Path) -> None:
    edit(changed, "expires: 10d", "conditions: {creditors: [nortwind]}\n    expires: 10d")

    done = run("playbook", "diff", SAMPLE, changed)

    assert done.exit_code == 2
    assert "error: no creditor is called `nortwind`; did you mean `northwind`?" in done.output


@pytest.mark.parametrize("named_itself", [False, True])
def test_a_policy_that_names_nobody_is_never_said_to_change_nothing(
    changed: Path, *, named_itself: bool
) -> None:
    policy = changed / "policy.yaml"
    policy.write_text("policy: a\nrules:\n  - {id: a, kind: hold, plays: [introductoin]}\n")
    cases = Path(__file__).parents[1] / "policy" / "cases" / "engine.yaml"

    done = run("policy", "diff", SAMPLE, policy if named_itself else changed, "--cases", cases)

    assert done.exit_code == 2
    message = "error: no play is called `introductoin`; did you mean `introduction`?"
    assert f"{policy}:3:33: {message}" in done.output


async def test_portfolios_that_neither_the_files_nor_the_data_have_are_refused(
    database: Database, database_url: str, changed: Path
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    await world.debt(await world.person(), portfolio="spring")
    told = {}
    for name in ("spring", "sprung"):
        rule = f"policy: a\nrules:\n  - {{id: a, kind: hold, portfolios: [{name}]}}\n"
        (changed / "policy.yaml").write_text(rule)
        told[name] = await asyncio.to_thread(
            run, "policy", "diff", SAMPLE, changed, "--since", "30d", OUTREACH_DATABASE_URL=database_url
        )

    assert told["spring"].exit_code == 0
    assert told["sprung"].exit_code == 2
    assert "no portfolio is called `sprung`; did you mean `spring`?" in told["sprung"].output


def test_the_first_events_are_about_creditors_whom_the_sample_knows() -> None:
    read = [json.loads(line) for line in FIRST_DAY.read_text().splitlines()]
    named = {event["data"]["creditor"] for event in read if event["type"] == "debt.placed.v1"}

    assert named
    assert named <= guidance_of().directory.creditors.keys()


async def test_the_debts_in_the_database_are_planned_by_both_and_stay_as_they_are(
    database: Database, database_url: str, changed: Path
) -> None:
    world = World(database, now="2036-03-03T15:00Z")
    await world.debt(await world.person())
    planned = await world.touches()
    edit(changed, "after: 10d", "after: 14d")

    done = await asyncio.to_thread(
        run, "playbook", "diff", SAMPLE, changed, "--stored", "--json", OUTREACH_DATABASE_URL=database_url
    )

    assert counted(json.loads(done.output)) == {("later", "check_in"): 1}
    assert await world.touches() == planned
