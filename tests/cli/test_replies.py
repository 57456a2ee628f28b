"""`outreach replies understand`: what people answer, and which words decided."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.cli.main import cli
from outreach.cli.shared import SHIPPED_CONFIG


def test_a_line_is_an_answer_and_the_words_that_decided_are_told() -> None:
    asked = CliRunner().invoke(cli, ["replies", "understand", "-"], input="stop texting me\n\nwho is this?\n")

    assert asked.exit_code == 0
    assert [line.split()[:3] for line in asked.stdout.splitlines()[1:]] == [
        ["1", "normal", "opt_out"],
        ["3", "normal", "help,"],
    ]
    assert "opt_out: stop texting me" in asked.stdout


def test_the_yaml_form_says_by_which_way_and_after_what(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("""
- {id: a, text: Yes, after: opt_out_confirmation}
- {id: b, text: Yes}
- {id: 3, text: "unsubscribe", channel: email}
- id: d
  text: |
    my mom passed
    please stop
  language: en
""")

    asked = CliRunner().invoke(cli, ["replies", "understand", "--json", str(file)])

    answers = {answer["id"]: answer for answer in json.loads(asked.stdout)}
    assert answers.keys() == {"a", "b", "3", "d"}
    assert answers["a"]["kinds"] == ["opt_in", "yes"]
    assert (answers["b"]["kinds"], answers["b"]["machine"]) == (["yes"], False)
    assert (answers["3"]["closes"], answers["3"]["machine"]) == (["email"], True)
    assert (answers["d"]["urgency"], answers["d"]["closes"]) == ("same_day", ["sms"])
    assert answers["d"]["words"] == ["bereavement: mom passed", "opt_out: stop"]


def test_of_an_email_what_its_webhook_hears_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("""
- {id: a, text: "unsubscribe\\n\\nSent from my iPhone", channel: email}
- id: b
  text: "Thanks\\n\\nOn Mon, Mar 2, 2026 at 9:00 AM Harbor wrote:\\nMy lawyer disputes this."
  channel: email
""")

    asked = CliRunner().invoke(cli, ["replies", "understand", "--json", str(file)])

    answers = json.loads(asked.stdout)
    assert [(answer["kinds"], answer["machine"]) for answer in answers] == [
        (["opt_out"], True),
        (["thanks"], True),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {id: a, texts: hi}", "1:3: error: `text`"),
        ("- {id: a, text: hi}\n- {id: b, text: hi, channel: pigeon}", "2:3: error: `channel`"),
        ("- {id: a, text: [hi]}", "`text`"),
        ("- {id: a, text: 'hi}", "not YAML"),
        ("a: b", "a list is needed here"),
        ("- hi", "is needed here"),
    ],
)
def test_what_is_no_list_of_answers_is_refused_with_its_place(
    tmp_path: Path, text: str, problem: str
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text)

    asked = CliRunner().invoke(cli, ["replies", "understand", str(file)])

    assert asked.exit_code == 2
    assert problem in asked.stderr


def test_whatever_people_send_is_understood_or_goes_to_a_human(tmp_path: Path) -> None:
    file = tmp_path / "answers.txt"
    hostile = [
        b"\x00stop\x00",
        b"\xff\xfe stop",
        b"a" * 1_000_000,
        b"no " * 10_000,
        b"(" * 10_000,
        b"'\"" * 9_000,
    ]
    file.write_bytes(b"\n".join(hostile))

    asked = CliRunner().invoke(cli, ["replies", "understand", "--json", str(file)])

    answers = json.loads(asked.stdout)
    assert len(answers) == len(hostile)
    assert answers[0]["kinds"] == ["opt_out"]
    assert all(answer["machine"] is False for answer in answers if answer["kinds"] == ["unclear"])


def test_a_file_that_is_not_there_is_said_so() -> None:
    asked = CliRunner().invoke(cli, ["replies", "understand", "/nowhere/answers.txt"])

    assert asked.exit_code == 2
    assert "cannot be read" in asked.stderr


def test_the_names_of_ours_come_from_the_playbook(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED_CONFIG, tmp_path / "config")
    playbook = tmp_path / "config" / "playbook.yaml"
    text = playbook.read_text(encoding="utf-8")
    playbook.write_text(text.replace("name: Northwind Energy", "name: Okafor Gas"), encoding="utf-8")

    def closed_by(answer: str, *options: str) -> list[str]:
        asked = CliRunner().invoke(cli, ["replies", "understand", "--json", *options, "-"], input=answer)
        closes: list[str] = json.loads(asked.stdout)[0]["closes"]
        return closes

    assert closed_by("never heard of Northwind") == []
    assert closed_by("never heard of Northwind", "--config", str(tmp_path / "config")) == ["sms"]
    assert closed_by("never heard of Okafor", "--config", str(tmp_path / "config")) == []
