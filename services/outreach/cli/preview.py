"""`outreach preview`: what would people get, and what is wrong with how it is said."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.command_line import AsJson, ExitCode, fail, print_json
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.trying.previews import preview_wordings
from outreach.guidance.trying.texts import severity_of
from outreach.wording.errors import WordingError
from outreach.wording.render import RenderedSms
from outreach.wording.review import Review


def preview(
    name: Annotated[str | None, typer.Argument(metavar="[WORDING]", help="One wording; all if none.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="DIR", envvar="OUTREACH_CONFIG_DIR", help="The folder with templates/."),
    ] = None,
    channel: Annotated[str | None, typer.Option(help="sms or email.")] = None,
    language: Annotated[str | None, typer.Option(help="One language, such as es.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show wordings with made-up facts, and every remark on their tone.

    Exits with 1 if there are remarks and with 2 if the templates cannot be used.
    """
    try:
        guidance = None if config is None else read_guidance(read_folder(config))
        reviews = [
            shown
            for shown in preview_wordings(guidance)
            if name in {None, shown.name}
            and channel in {None, shown.channel}
            and language in {None, shown.language}
        ]
    except (ConfigError, WordingError) as error:
        fail(str(error))
    if not reviews:
        fail("there is no such wording")
    if as_json:
        print_json(reviews)
    else:
        for shown in reviews:
            typer.echo("\n".join(_lines(shown)))
    raise typer.Exit(ExitCode.NO if any(shown.remarks for shown in reviews) else ExitCode.DONE)


def _lines(seen: Review) -> list[str]:
    rendered = seen.rendered
    head = f"{seen.name} · {seen.channel} · {seen.language}"
    if isinstance(rendered, RenderedSms):
        head += f" · {rendered.segments} segment{'s' if rendered.segments > 1 else ''}"
        body = [rendered.body]
    else:
        body = [f"Subject: {rendered.subject}", "", *rendered.text.rstrip().splitlines()]
    remarks = [
        f"  ! {severity_of(remark.harm)}: {remark.harm}: {remark.words} ({remark.suggestion})"
        for remark in seen.remarks
    ]
    return [head, *(f"  {line}".rstrip() for line in body), *remarks, ""]
