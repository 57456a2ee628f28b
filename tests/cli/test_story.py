"""`outreach story test` prints what its stories came to, and nothing else: a program may read it."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CASES = Path(__file__).parents[1] / "stories"


async def test_what_is_printed_is_the_answer_alone() -> None:
    command = [
        "story",
        "test",
        str(CASES / "cases" / "places.yaml"),
        "--config",
        str(CASES / "config"),
        "--json",
    ]
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "outreach", *command, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()

    told = json.loads(printed)
    assert process.returncode == 0
    assert [story["passed"] for story in told["stories"]] == [True] * len(told["stories"])
