"""docs/policy.md shows what the commands really print."""

import re
import shlex
from contextlib import chdir
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.cli.policy import cli

DOCUMENT = Path(__file__).parents[2] / "docs" / "policy.md"
_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What changes with every change of a pack or of the time zone data.
_VERSIONS = re.compile(r"policy [0-9a-f]{12}, tzdata [\d.]+")


def blocks(kind: str) -> list[tuple[str, str]]:
    return [(name, text) for each, name, text in _BLOCK.findall(DOCUMENT.read_text("utf-8")) if each == kind]


def ran(command: str) -> str:
    """Run a documented command; `| grep -v WORDS` leaves lines out."""
    asked, _, left_out = command.partition(" | grep -v ")
    arguments = shlex.split(asked.removeprefix("$ outreach policy "))
    lines = CliRunner().invoke(cli, arguments).output.splitlines()
    unwanted = left_out.strip('"')
    return "\n".join(each for each in lines if not unwanted or unwanted not in each)


@pytest.mark.parametrize(
    "shown", [text for _, text in blocks("console")], ids=lambda text: text.splitlines()[0]
)
def test_what_the_page_shows_is_what_is_printed(shown: str, tmp_path: Path) -> None:
    for name, text in blocks("yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    command, _, expected = shown.partition("\n")

    with chdir(tmp_path):
        printed = ran(command)

    assert _VERSIONS.sub("policy …", printed) == _VERSIONS.sub("policy …", expected.rstrip("\n"))


def test_every_file_of_the_page_is_used() -> None:
    assert {name for name, _ in blocks("yaml")} == {"policy.yaml", "texas.yaml", "wrong.yaml", "cases.yaml"}
    assert len(blocks("console")) == 6
