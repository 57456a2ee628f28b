"""docs/replies.md shows what the commands really print, one after the other."""

import re
import shlex
from contextlib import chdir
from pathlib import Path
from typing import Any

from foundation.database import Database
from tests.cli.test_humans import outreach, somebody_who_wrote

__all__ = ["outreach"]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "replies.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: When it was, and by when somebody has to look: commands read the machine's clock.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\dZ")


def blocks(kind: str) -> list[tuple[str, str]]:
    return [(name, text) for language, name, text in _BLOCK.findall(DOCUMENT) if language == kind]


def without_instants(text: str) -> str:
    return _INSTANT.sub("an instant", text).strip()


async def test_what_the_page_shows_is_what_is_printed(
    database: Database, outreach: Any, tmp_path: Path
) -> None:
    await somebody_who_wrote(database, "I lost my job, what can I do")
    for name, text in blocks("text"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    shown = [text.partition("\n") for _, text in blocks("console")]

    with chdir(tmp_path):
        printed = [
            (await outreach(*shlex.split(command.removeprefix("$ outreach ")))).output
            for command, _, _ in shown
        ]

    assert len(shown) >= 4
    assert [without_instants(text) for text in printed] == [without_instants(text) for _, _, text in shown]
