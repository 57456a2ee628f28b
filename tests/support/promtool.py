"""Where this machine's promtool is: on the path, or where `make promtool` puts it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support.sources import ROOT

#: Where `make promtool` unpacks it.
FETCHED: Final = ROOT / ".local" / "promtool"


def find_promtool() -> Path | None:
    """Return the path of promtool, or None where there is none."""
    if (program := shutil.which("promtool")) is not None:
        return Path(program)
    return FETCHED if os.access(FETCHED, os.X_OK) else None


def promtool(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool; skip the test where it is not here, or fail it if OUTREACH_REQUIRE_PROMTOOL says so."""
    program = find_promtool()
    if program is None:
        if os.environ.get("OUTREACH_REQUIRE_PROMTOOL") == "1":
            pytest.fail("OUTREACH_REQUIRE_PROMTOOL=1, but there is no promtool: make promtool", pytrace=False)
        pytest.skip("there is no promtool here: make promtool")
    return subprocess.run([program, *arguments], input=stdin, capture_output=True, text=True, check=False)
