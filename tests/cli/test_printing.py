"""What commands print: one way for JSON and one for tables."""

import json
from datetime import UTC, datetime

import pytest

from foundation.command_line import print_json, print_table
from outreach.model.words import Channel


def test_json_holds_what_python_knows_and_every_letter(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    print_json({"at": at, Channel.SMS: "¿Cómo está?", "file": "caf\udce9.yaml"})

    printed = capfdbinary.readouterr().out.decode()
    assert "¿Cómo está?" in printed
    assert json.loads(printed) == {
        "at": "2026-03-02T12:00:00Z", "sms": "¿Cómo está?", "file": "caf\udce9.yaml"
    }  # fmt: skip


def test_json_steers_no_terminal_and_reads_back_the_same(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    hostile = "\x1b[2J\x7f\x9b1m\u202edlo\u2028\U000e0041"

    print_json({"name": hostile})

    printed = capfdbinary.readouterr().out.decode()
    assert all(line.isprintable() for line in printed.splitlines())
    assert json.loads(printed) == {"name": hostile}


def test_a_table_keeps_each_row_on_one_line_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    problem = "x" * 300

    print_table(("id", "problem"), [(1, problem), (1000, "[/]\x1b[2J\n")], indent=1)

    assert capsys.readouterr().out.splitlines() == [
        " id    problem",
        f" 1     {problem}",
        " 1000  [/]\\x1b[2J\\n",
    ]
