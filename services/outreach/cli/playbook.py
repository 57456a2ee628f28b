"""`outreach playbook`: check a change of the playbook, and see what it would do."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.command_line import AsJson
from foundation.on_demand import OnDemand, on_demand
from outreach.cli.check import Since, Strict, check_part
from outreach.guidance.files.folder import PLAYBOOK

COMMANDS = {
    "diff": OnDemand(
        "outreach.cli.playbook_diff:diff",
        "Say whose touches appear, vanish, move or say something else, and show changed words side by side.",
    )
}

cli = typer.Typer(cls=on_demand(COMMANDS), no_args_is_help=True, help="Check and compare playbooks.")


@cli.callback()
def playbook() -> None:
    """Check and compare playbooks."""


@cli.command()
def check(
    path: Annotated[
        Path,
        typer.Argument(metavar="[PATH]", help="A playbook, or the folder that holds one as playbook.yaml."),
    ] = Path(),
    since: Since = None,
    *,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a playbook, or weak in it, by what stands beside it.

    A file of another name is looked at in the place of the playbook.yaml beside it. Exits with 1 if there is
    an error and with 2 if there is no such file.
    """
    check_part(path, PLAYBOOK, situations=None, since=since, strict=strict, as_json=as_json)
