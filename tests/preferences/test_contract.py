"""The committed contract of `/v1` is the one that is served, and the service keeps it."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
import schemathesis

from foundation.database import Database
from scripts.write_openapi import FILE, document
from tests.preferences.callers import calling
from tests.preferences.stories import EMAIL, SMS, happened, hears

#: What a caller may be refused is told in words; the answers to these are checked by tests of their own.
_LEFT_OUT = "unsupported_method,positive_data_acceptance"


def test_the_committed_document_is_that_of_the_routes() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == document(), "run scripts/write_openapi.py"


def test_the_document_is_openapi() -> None:
    schemathesis.openapi.from_dict(document()).validate()
    assert document()["openapi"].startswith("3.1")


@pytest.mark.migrated("preferences")
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_schemathesis_finds_nothing(database: Database, tmp_path: Path) -> None:
    await hears(
        database,
        happened("person.changed", language="en", phones=[{"number": SMS}], emails=[{"address": EMAIL}]),
    )
    async with calling(database) as crm:
        program = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{crm.url}/openapi.json", "--header", f"Authorization: Bearer {crm.token}"),
            *("--max-examples", "25", "--seed", "1", "--exclude-checks", _LEFT_OUT, "--no-color"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await program.communicate()

    assert program.returncode == 0, output.decode()
