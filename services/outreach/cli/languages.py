"""`outreach languages`: what can be said in which language, and what is missing."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.command_line import AsJson, print_json
from outreach.cli.shared import read_guidance_or_exit
from outreach.guidance.trying.languages import languages_of


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
    spoken = list(languages_of(guidance))
    if as_json:
        print_json({"fallback": guidance.wordings.fallback, "languages": spoken})
        return
    for language in spoken:
        needed = language.written + len(language.missing)
        typer.echo(f"{language.language}: {language.written} of {needed} texts")
        for missing in language.missing:
            typer.echo(f"  missing: templates/{language.language}/{missing}")
