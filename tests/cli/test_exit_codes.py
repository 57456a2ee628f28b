"""The README's table of exit codes is the one that the code keeps."""

import re
from pathlib import Path

from foundation import command_line
from foundation.command_line import ExitCode

README = Path(__file__).parents[2] / "README.md"
_TABLE = re.compile(r"^\| code \| meaning \|\n(?:\|.*\|\n)+", re.MULTILINE)


def table(text: str | None) -> str:
    (only,) = _TABLE.findall(text or "")
    return str(only)


def test_the_readme_has_the_table_of_the_code() -> None:
    assert table(README.read_text(encoding="utf-8")) == table(command_line.__doc__)


def test_the_table_has_every_code_and_no_other() -> None:
    assert re.findall(r"^\| (\d+) \|", table(command_line.__doc__), re.MULTILINE) == [
        str(code.value) for code in ExitCode
    ]
