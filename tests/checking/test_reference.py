"""The reference of keys says what the files really take."""

import runpy
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.cli.main import cli
from outreach.guidance.files.reference import FILES, explain_key, keys_of
from tests.support.sources import ROOT


def test_writing_the_reference_again_changes_nothing() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "write_playbook_reference.py"))
    page: Path = script["PAGE"]

    assert script["page"](page.read_text("utf-8")) == page.read_text("utf-8")


def test_every_key_of_the_playbook_says_what_happens() -> None:
    assert [key.path for key in keys_of("playbook") if not key.does] == []


@pytest.mark.parametrize("path", ["playbook.plays.repeat", "playbook.plays.check_in.repeat"])
def test_a_key_is_explained_with_those_under_it(path: str) -> None:
    told = CliRunner().invoke(cli, ["explain-config", path])

    assert told.exit_code == 0
    assert "playbook.plays.NAME.repeat.every\n    duration in d, h or min; required  e.g. 14d" in told.output
    assert "default 1" in told.output


def test_every_key_can_be_asked_for_by_its_path() -> None:
    for file in FILES:
        for key in keys_of(file):
            assert explain_key(key.path)[0].takes


def test_a_key_that_is_none_is_answered_with_one_that_is_like_it() -> None:
    told = CliRunner().invoke(cli, ["explain-config", "playbook.plays.repaet"])

    assert told.exit_code == 1
    assert "did you mean `playbook.plays.repeat`?" in told.output
