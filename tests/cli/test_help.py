"""`--help` imports nothing that only a command needs, and says of each what the command itself says."""

import subprocess
import sys

import pytest

from foundation.on_demand import OnDemand, read_command
from outreach.cli import main, policy
from preferences.cli import main as preferences_main

_HEAVY = (
    "aiohttp",
    "aiokafka",
    "alembic",
    "asyncpg",
    "fastapi",
    "faststream",
    "pydantic",
    "sqlalchemy",
    "twilio",
)
_IMPORTS = """
import sys
from typer.testing import CliRunner
from PROGRAM.cli.main import cli
answer = CliRunner().invoke(cli, sys.argv[2:])
assert answer.exit_code == 0, answer.output
print(",".join(name for name in sys.argv[1].split(",") if name in sys.modules))
"""


def imported_by(program: str, *arguments: str, of: tuple[str, ...]) -> str:
    imports = _IMPORTS.replace("PROGRAM", program)
    script = [sys.executable, "-c", imports, ",".join(of), *arguments]
    return subprocess.run(script, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("program", ["outreach", "preferences"])
def test_help_imports_no_driver_and_no_framework(program: str) -> None:
    assert imported_by(program, "--help", of=_HEAVY) == ""


def test_checking_a_policy_imports_no_server() -> None:
    of = tuple(name for name in _HEAVY if name != "pydantic")

    assert imported_by("outreach", "policy", "check", "deploy/config", of=of) == ""


@pytest.mark.parametrize(
    ("name", "command"),
    [*main.COMMANDS.items(), *policy.COMMANDS.items(), *preferences_main.COMMANDS.items()],
)
def test_help_says_what_the_command_says(name: str, command: OnDemand) -> None:
    assert (read_command(name, command).help or "").splitlines()[0] == command.help
