"""`outreach explain-config`: what may be written in the files, key by key."""

from typing import Annotated

import typer

from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.terminal import echo
from outreach.desk.reference import key_lines
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.reference import ANY_NAME, FILES, explain_key, keys_of


def explain_config(
    path: Annotated[
        str, typer.Argument(metavar="KEY", help="playbook, policy, or a key such as playbook.plays.repeat.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Say of a key of policy.yaml or playbook.yaml what it takes, and what it does.

    What it is if left out is said too, an example, and the same of every key under it. Names that you
    choose yourself may be left out: playbook.plays.repeat, playbook.plays.check_in.repeat. Exits with 1 if
    there is no such key.
    """
    keys = explain_key(path)
    if not keys:
        known = {key.path.replace(f".{ANY_NAME}", "") for file in FILES for key in keys_of(file)}
        fix = did_you_mean(path, known, otherwise="begin with playbook or policy, such as playbook.plays")
        fail(f"there is no key {path}; {fix}", code=ExitCode.NO)
    if as_json:
        print_json(keys)
        return
    for line in key_lines(keys):
        echo(line)
