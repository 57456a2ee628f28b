"""`outreach policy …`: what it prints, and the exit codes that scripts rely on."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outreach.cli.policy import cli
from outreach.guidance.trying.replay import situation_line
from tests.policy.builders import a_contact, a_situation

HERE = Path(__file__).parents[1] / "policy"
SHARED = HERE / "cases"
STRICTER = "policy: b\nrules:\n  - {id: week, kind: frequency_cap, limit: 1, within: 7d}\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments])


@pytest.fixture
def policies(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text("policy: a\n")
    new.write_text(STRICTER)
    return old, new


@pytest.fixture
def situations(tmp_path: Path) -> Path:
    file = tmp_path / "situations.jsonl"
    earlier = (a_contact("2026-06-05T12:00-04:00"),)
    file.write_text(
        situation_line(a_situation("2026-06-10T12:00-04:00"))
        + situation_line(a_situation("2026-06-10T12:00-04:00", ledger=earlier))
    )
    return file


def test_the_shared_cases_pass() -> None:
    done = run("test", SHARED / "engine.yaml", SHARED / "jurisdictions.yaml")

    assert done.output.splitlines()[-1] == "91 passed, 0 failed"
    assert done.exit_code == 0


def test_a_failing_case_says_what_came_instead_and_exits_with_1(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(
        'cases:\n  - {id: X, title: Noon, at: "2026-06-10T12:00:00Z", role: third_party, packs: [],\n'
        "     touch: {channel: sms, purpose: reminder}, expect: {decision: send}}\n"
    )

    done = run("test", file)

    assert "expected send, got suppress until a fact changes (location_unknown)" in done.output
    assert done.output.splitlines()[-1] == "0 passed, 1 failed"
    assert done.exit_code == 1


@pytest.mark.parametrize(
    "text", ["cases: [", "cases:\n  - {id: X, at: 21:00}\n"], ids=["not YAML", "a bare time"]
)
def test_a_file_that_cannot_be_read_exits_with_2(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(text)

    done = run("test", file)

    assert f"{file}:" in done.output
    assert done.exit_code == 2


def test_json_tells_each_case() -> None:
    done = run("test", "--json", SHARED / "jurisdictions.yaml")

    told = json.loads(done.output)
    assert told["failed"] == 0
    assert {"id": "AU-01", "passed": True, "complaint": None} in told["cases"]


def test_an_agencys_policy_is_in_force_as_well(policies: tuple[Path, Path]) -> None:
    _, stricter = policies

    done = run("test", "--policy", stricter, HERE / "semantics.yaml")

    assert "SEM-COUNT-UNANSWERED-ON" in done.output
    assert done.exit_code == 1


def test_check_exits_with_0_1_or_2(tmp_path: Path, policies: tuple[Path, Path]) -> None:
    sound, _ = policies
    weak, wrong = tmp_path / "weak.yaml", tmp_path / "wrong.yaml"
    weak.write_text("policy: a\nrules:\n  - {id: w, kind: frequency_cap, limit: 9, within: 7d}\n")
    wrong.write_text("policy: a\nrulez: []\n")

    assert run("check", sound).exit_code == 0
    assert run("check", weak).exit_code == 0
    assert run("check", "--strict", weak).exit_code == 1
    assert run("check", wrong).exit_code == 1
    assert run("check", tmp_path / "none.yaml").exit_code == 2
    assert json.loads(run("check", "--json", weak).output)["findings"][0]["line"] == 3


def test_the_sample_policy_is_sound() -> None:
    done = run("check", HERE.parents[1] / "deploy" / "config")

    assert done.exit_code == 0, done.output


def test_explain_tells_a_case_rule_by_rule() -> None:
    told = run("explain", "--case", f"{SHARED / 'jurisdictions.yaml'}#US-FED-01")
    data = json.loads(run("explain", "--json", "--case", f"{SHARED / 'jurisdictions.yaml'}#US-FED-01").output)

    assert "defer until 2026-06-10 15:00:00Z (outside_contact_window)" in told.output
    assert "12 CFR 1006.6" in json.dumps(data)
    assert data["binding"] == ["us-federal.hours"]
    assert data["local"]["America/Los_Angeles"].startswith("2026-06-10T08:00")


def test_a_case_without_its_id_is_refused_with_how_to_write_it() -> None:
    refused = run("explain", "--case", f"{SHARED / 'jurisdictions.yaml'}")

    assert refused.exit_code == 2
    assert refused.output.endswith("jurisdictions.yaml names no case: write FILE#ID\n")


def test_diff_tells_what_changes_and_exits_with_1(policies: tuple[Path, Path], situations: Path) -> None:
    old, new = policies

    done = run("diff", old, new, "--situations", situations, "--json")

    told = json.loads(done.output)
    assert done.exit_code == 1
    assert told["changes"] == {
        "same": 1, "later": 1, "sooner": 0, "appears": 0, "vanishes": 0, "same instant, other reasons": 0,
    }  # fmt: skip
    assert told["examples"][0]["line"] == 2
    assert told["busiest_minute"]["before"]["count"] == 2


def test_diff_of_a_policy_with_itself_exits_with_0(policies: tuple[Path, Path], situations: Path) -> None:
    old, _ = policies

    assert run("diff", old, old, "--situations", situations).exit_code == 0


def test_diff_must_be_told_what_to_replay(policies: tuple[Path, Path]) -> None:
    done = run("diff", *policies)

    assert "--since 30d" in done.output
    assert done.exit_code == 2


def test_rules_are_listed_by_when_their_source_was_read_the_oldest_first(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        """
policy: a
rules:
  - {id: ours, kind: spacing, gap: 72h}
  - {id: old, kind: spacing, gap: 73h, cite: a letter, confidence: read, read_on: "2025-01-02"}
"""
    )

    answer = json.loads(run("freshness", "--policy", policy, "--json").output)

    rules = {rule["rule"]: rule for rule in answer["rules"]}
    names = list(rules)
    read = [rule["read_on"] for rule in answer["rules"] if rule["read_on"]]
    assert read == sorted(read)
    assert rules["agency.old"]["read_on"] == read[0] == "2025-01-02"
    assert names.index("us-federal.email_basis") < names.index("agency.old") < names.index("agency.ours")
    assert rules["us-federal.email_basis"]["read_on"] is None
    assert (rules["ca-ab.week"]["draft"], rules["us-nyc.two"]["draft"]) == (True, False)


def test_the_list_of_rules_is_a_table_that_can_be_searched() -> None:
    done = run("freshness")

    assert done.exit_code == 0
    assert any(line.split()[:2] == ["never", "us-ny.email"] for line in done.output.splitlines())
    assert "2026-11-28  us-wa.work" in done.output
