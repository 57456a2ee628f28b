"""docs/words.md shows what the commands really print."""

import re
import shlex
from contextlib import chdir
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.cli.main import cli
from outreach.wording.tone.harms import Harm

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "words.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[tuple[str, str]]:
    return [(name, text) for language, name, text in _BLOCK.findall(DOCUMENT) if language == kind]


@pytest.mark.parametrize(
    "shown", [text for _, text in blocks("console")], ids=lambda text: text.splitlines()[0]
)
def test_what_the_page_shows_is_what_is_printed(shown: str, tmp_path: Path) -> None:
    (tmp_path / "config").symlink_to(ROOT / "deploy" / "config")
    for name, text in blocks("yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    command, _, expected = shown.partition("\n")

    with chdir(tmp_path):
        printed = CliRunner().invoke(cli, shlex.split(command.removeprefix("$ outreach "))).output

    assert printed == expected


def test_the_page_names_every_harm_that_words_can_do() -> None:
    named = set(re.findall(r"`([a-z_]+)`", DOCUMENT))

    assert {str(harm) for harm in Harm} - {"length"} <= named
