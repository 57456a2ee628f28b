"""`docs/preferences.md`: each call that is printed there is made, and answers as printed."""

import asyncio
import json
import os
import re

import pytest

from foundation.database import Database
from tests.preferences.callers import Caller, calling
from tests.preferences.stories import EMAIL, SMS, happened, hears
from tests.support.sources import ROOT

PAGE = ROOT / "docs" / "preferences.md"
_CALL = re.compile(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", re.DOTALL)


async def called(command: str, caller: Caller) -> str:
    environment = {**os.environ, "API": caller.url, "TOKEN": caller.token}
    program = await asyncio.create_subprocess_shell(
        command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await program.communicate()
    return output.decode()


@pytest.mark.migrated("preferences")
async def test_each_call_of_the_page_answers_as_printed(database: Database) -> None:
    await hears(
        database,
        happened(
            "person.changed",
            language="en",
            phones=[{"number": SMS, "kind": "mobile"}],
            emails=[{"address": EMAIL}],
        ),
    )
    calls = _CALL.findall(PAGE.read_text(encoding="utf-8"))

    async with calling(database, name="crm") as caller:
        for command, printed in calls:
            answered = json.loads(await called(command, caller))
            assert without_names(answered) == without_names(json.loads(printed)), command
    assert len(calls) >= 10


def without_names(answer: object) -> object:
    """Return the answer without the names of events, which the tests' own stories number."""
    return json.loads(re.sub(r'"event-\d+"', '"event"', json.dumps(answer)))
