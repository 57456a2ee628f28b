"""`outreach languages`: what can be said in which language, and what is missing."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.command_line import AsJson, print_json
from foundation.terminal import echo
from outreach.cli.shared import read_guidance_or_exit
from outreach.guidance.checking.coverage import coverage


def languages(
    config: Annotated[
        Path, typer.Argument(metavar="[DIR]", envvar="OUTREACH_CONFIG_DIR", help="The config folder.")
    ] = Path(),
    *,
    as_json: AsJson = False,
) -> None:
    """List the languages that people can be written to in, and the texts each of them lacks.

    Whoever reads a language gets the fallback for what is missing. Exits with 2 if the files cannot be used.
    """
    guidance = read_guidance_or_exit(config)
    spoken = list(coverage(guidance.playbook, guidance.wordings))
    if as_json:
        listed = [
            {"language": tongue.language, "written": tongue.written, "missing": tongue.missing}
            for tongue in spoken
        ]
        print_json({"fallback": guidance.wordings.fallback, "languages": listed})
        return
    for tongue in spoken:
        echo(f"{tongue.language}: {tongue.written} of {tongue.needed} texts")
        for missing in tongue.missing:
            echo(f"  missing: templates/{tongue.language}/{missing}.txt")
