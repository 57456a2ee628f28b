"""`outreach check …`: a folder is read as one, and what is said can be read by people and by scripts."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outreach.cli.main import cli
from outreach.desk.check import check_folder
from tests.support.world import SAMPLE

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "config"))


def test_the_sample_has_no_error_and_what_was_read_is_counted(folder: Path) -> None:
    told = run("check", folder)

    assert told.exit_code == 0
    assert "policy.yaml    2 rules (1 in shadow), on " in told.output
    assert "playbook.yaml  10 plays, 2 creditors" in told.output
    assert "languages      en 35 of 35, es 35 of 35 texts" in told.output


def test_an_error_ends_with_1_and_a_warning_only_where_it_is_asked_to(folder: Path) -> None:
    policy = folder / "policy.yaml"
    policy.write_text("policy: a\nrules:\n  - {id: a, kind: frequency_cap, limit: 9, within: 7d}\n")
    assert run("check", folder).exit_code == 0
    assert run("check", folder, "--strict").exit_code == 1

    policy.write_text("policy: a\nrules:\n  - {id: a, kind: hold, creditors: [lakesid]}\n")
    told = run("check", folder)

    assert told.exit_code == 1
    assert "policy.yaml:3:37: error: no creditor is called `lakesid`; did you mean `lakeside`?" in told.output
    assert told.output.splitlines()[-1].startswith("1 error, ")


def test_a_missing_playbook_is_said_and_so_is_one_under_another_name(folder: Path) -> None:
    (folder / "playbook.yaml").rename(folder / "playbook.yml")

    told = run("check", folder)

    assert told.exit_code == 1
    assert (
        "playbook.yaml:1:1: error: is missing; there is a playbook.yml: call it playbook.yaml" in told.output
    )


def test_a_policy_under_another_name_is_said(folder: Path) -> None:
    (folder / "policy.yaml").rename(folder / "policy.yml")

    told = run("check", folder)

    assert told.exit_code == 1
    assert "policy.yaml:1:1: error: is missing; there is a policy.yml: call it policy.yaml" in told.output


@pytest.mark.parametrize(
    "copy",
    ["policy (1).yaml", "playbook copy.yaml", "policy.yaml.bak", "Copy of playbook.yaml", "policy.yml"],
)
def test_a_copy_beside_a_file_is_said_not_to_be_read(folder: Path, copy: str) -> None:
    before = check_folder(folder, now=NOW).findings
    (folder / copy).write_text("policy: a\n")

    (found,) = set(check_folder(folder, now=NOW).findings) - set(before)

    name = "policy.yaml" if "policy" in copy else "playbook.yaml"
    assert str(found).startswith(f"{copy}:1:1: note: is not read: {name} is what counts; move it elsewhere")


def test_a_numbered_copy_is_named_where_the_file_itself_is_missing(folder: Path) -> None:
    (folder / "policy.yaml").rename(folder / "policy (1).yaml")

    found = [str(finding) for finding in check_folder(folder, now=NOW).findings if "policy" in finding.file]

    assert found == ["policy.yaml:1:1: error: is missing; there is a policy (1).yaml: call it policy.yaml"]


def test_what_is_no_copy_is_not_told_of(folder: Path) -> None:
    before = check_folder(folder, now=NOW).findings
    for name in ("policy.schema.json", "policyholders.yaml", "cases.yaml", ".policy.yaml.swp"):
        (folder / name).write_text("a: b\n")

    assert check_folder(folder, now=NOW).findings == before


def test_without_templates_of_ones_own_the_shipped_ones_are_used(folder: Path) -> None:
    shutil.rmtree(folder / "templates")

    told = run("check", folder)

    assert told.exit_code == 0
    assert "languages      en 35 of 35, es 35 of 35 texts" in told.output


def test_a_mark_that_editors_leave_is_no_part_of_a_file(folder: Path) -> None:
    before = run("check", folder).output
    for file in ("policy.yaml", "playbook.yaml", "templates/en/check_in.sms.txt"):
        (folder / file).write_bytes(b"\xef\xbb\xbf" + (folder / file).read_bytes())

    assert run("check", folder).output == before


def test_a_file_that_is_a_link_is_read_where_it_leads(folder: Path) -> None:
    elsewhere = folder / "elsewhere.yaml"
    (folder / "policy.yaml").rename(elsewhere)
    elsewhere.write_text("policy: a\nrules:\n  - {id: a, kind: hold, creditors: [lakesid]}\n")
    (folder / "policy.yaml").symlink_to(elsewhere)

    assert "policy.yaml:3:37: error: no creditor is called `lakesid`" in run("check", folder).output


def test_what_is_wrong_in_one_file_is_counted_under_its_own_name(folder: Path) -> None:
    template = folder / "templates" / "en" / "check_in.sms.txt"
    template.write_text("")

    told = run("check", folder)

    assert "templates/en/check_in.sms.txt:1:1: error: says nothing" in told.output
    assert "policy.yaml:" not in told.output.replace("policy.yaml    ", "")


@pytest.mark.parametrize(("file", "kind"), [("policy.yaml", "policy"), ("playbook.yaml", "playbook")])
def test_a_bare_time_ends_with_1_in_either_file(folder: Path, file: str, kind: str) -> None:
    at = {
        "policy.yaml": "policy: a\nrules:\n  - {id: w, kind: contact_window, windows: [{from: 08:00}]}\n",
        "playbook.yaml": (folder / "playbook.yaml").read_text().replace('at: "11:00"', "at: 11:00"),
    }
    (folder / file).write_text(at[file])

    assert run("check", folder).exit_code == run(kind, "check", folder).exit_code == 1


def test_files_that_are_not_utf_8_are_all_named(folder: Path) -> None:
    (folder / "policy.yaml").write_bytes("policy: café\n".encode("latin-1"))
    (folder / "templates" / "en" / "check_in.sms.txt").write_bytes("Hi\n".encode("utf-16"))

    told = run("check", folder)

    assert "policy.yaml:1:1: error: is not UTF-8; save it as UTF-8" in told.output
    assert "templates/en/check_in.sms.txt:1:1: error: is not UTF-8; save it as UTF-8" in told.output


def test_programs_get_what_was_read_and_every_finding(folder: Path) -> None:
    (folder / "policy.yaml").write_text("policy: a\nrulez: []\n")

    told = json.loads(run("check", folder, "--json").output)

    assert told["errors"] == 1
    assert told["read"]["plays"] == 10
    assert told["read"]["rules"] is None
    finding = next(finding for finding in told["findings"] if finding["severity"] == "error")
    assert (finding["file"], finding["line"], finding["message"]) == ("policy.yaml", 2, "unknown key `rulez`")


def test_the_part_of_one_file_says_that_there_is_more_of_the_others(folder: Path) -> None:
    playbook = folder / "playbook.yaml"
    playbook.write_text(playbook.read_text().replace("on: debt.quiet", "on: debt.quite"))

    of_policy, of_playbook = run("policy", "check", folder), run("playbook", "check", folder)

    assert of_policy.exit_code == 0
    assert "policy.yaml: nothing wrong; of the other files there is 1: outreach check" in of_policy.output
    assert of_playbook.exit_code == 1
    assert "did you mean `debt.quiet`?" in of_playbook.output


def test_a_draft_beside_the_playbook_is_checked_in_its_place(folder: Path) -> None:
    playbook = folder / "playbook.yaml"
    draft = folder / "draft.yaml"
    draft.write_text(playbook.read_text().replace("on: debt.quiet", "on: debt.quite"))

    of_draft, of_playbook = run("playbook", "check", draft), run("playbook", "check", playbook)

    assert (of_draft.exit_code, of_playbook.exit_code) == (1, 0)
    assert "did you mean `debt.quiet`?" in of_draft.output


@pytest.mark.parametrize(
    "words", [("check", "nowhere"), ("playbook", "check", "nowhere"), ("policy", "check", "nowhere")]
)
def test_what_is_not_there_ends_with_2(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
