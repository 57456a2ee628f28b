"""`outreach preview`: what would people get, and what is wrong with how it is said."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.terminal import echo
from outreach.guidance.checking.tone import severity_of
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.guidance import Guidance
from outreach.guidance.trying.previews import Reader, preview_wordings
from outreach.model.finding import Severity
from outreach.model.words import Channel
from outreach.wording.errors import WordingError
from outreach.wording.render import RenderedSms
from outreach.wording.review import Review


def preview(
    name: Annotated[str | None, typer.Argument(metavar="[WORDING]", help="One wording; all if none.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="DIR", envvar="OUTREACH_CONFIG_DIR", help="The folder with templates/."),
    ] = None,
    *,
    channel: Annotated[Channel | None, typer.Option(help="sms or email.")] = None,
    language: Annotated[str | None, typer.Option(help="What the person reads, such as es.")] = None,
    person: Annotated[
        str | None, typer.Option(metavar="NAME", help="The person's given name; '' where it is not known.")
    ] = None,
    stored: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="PERSON",
            help="The id of a person in the database: with their name, language, place and creditor.",
        ),
    ] = None,
    creditor: Annotated[str | None, typer.Option(metavar="ID", help="A creditor of the playbook.")] = None,
    state: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="Where the person lives: a state or country, as US-TX or GB. Left out, US."
        ),
    ] = None,
    later: Annotated[
        bool, typer.Option("--later", help="A later message about a debt; else it is the first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a reader would get, how long and how hard it is, and every remark on its tone.

    Exits with 1 if there are remarks and with 2 if the templates cannot be used.
    """
    try:
        guidance = None if config is None else read_guidance(read_folder(config))
        _check_names(guidance, creditor)
        chosen = Reader(place="US") if stored is None else _stored_or_exit(stored)
        said = {"given_name": person, "creditor": creditor, "place": state, "language": language}
        reader = replace(
            chosen,
            is_first=chosen.is_first and not later,
            **{key: value for key, value in said.items() if value is not None},
        )
        reviews = [
            shown
            for shown in preview_wordings(guidance, reader=reader)
            if name in {None, shown.name} and channel in {None, shown.channel}
        ]
    except (ConfigError, WordingError) as error:
        fail(*str(error).splitlines())
    if not reviews:
        known = {shown.name for shown in preview_wordings(guidance)}
        guess = did_you_mean(name or "", known, otherwise="outreach preview shows them all")
        fail(f"there is no wording `{name}`; {guess}")
    if as_json:
        print_json(reviews)
    else:
        for shown in reviews:
            echo(*_lines(shown))
    failed = any(shown.remarks or shown.unsaid for shown in reviews)
    raise typer.Exit(ExitCode.NO if failed else ExitCode.DONE)


def _stored_or_exit(person: str) -> Reader:
    # The database's driver, and all that reads it, is for this option alone.
    from outreach.cli.shared import asking_about  # noqa: PLC0415
    from outreach.desk.reading_as import find_reader  # noqa: PLC0415

    reader = asking_about(
        person, "preview", lambda database: find_reader(person, database=database, now=SystemClock().now())
    )
    if reader is None:
        fail(f"nobody of the id {person} is known", code=ExitCode.NO)
    return reader


def _check_names(guidance: Guidance | None, creditor: str | None) -> None:
    if creditor is None:
        return
    known = {} if guidance is None else guidance.directory.creditors
    if creditor not in known:
        guess = did_you_mean(creditor, known, otherwise="name the folder with --config")
        fail(f"no creditor is called `{creditor}`; {guess}")


def _lines(seen: Review) -> Iterator[str]:
    rendered = seen.rendered
    head = [seen.name, str(seen.channel), seen.language]
    if isinstance(rendered, RenderedSms):
        head.append(f"{rendered.segments} segment{'s' if rendered.segments > 1 else ''}")
        body = [rendered.body]
    else:
        body = [f"Subject: {rendered.subject}", "", *rendered.text.rstrip().splitlines()]
    if seen.reading_age is not None:
        head.append(f"reading age {seen.reading_age:.0f}")
    yield " · ".join(head)
    for line in body:
        yield f"  {line}".rstrip()
    if rendered.language.partition("-")[0] != seen.language.partition("-")[0]:
        yield (
            f"  ! {Severity.WARNING}: not written in `{seen.language}`: "
            f"whoever reads it gets this, in `{rendered.language}`"
        )
    for block in seen.unsaid:
        yield (
            f"  ! {Severity.ERROR}: nothing says `{block}`, which the law asks for here: "
            "this message is not sent"
        )
    for remark in seen.remarks:
        words = f": {remark.words}" if remark.words else ""
        yield f"  ! {severity_of(remark)}: {remark.harm}{words} ({remark.suggestion})"
    yield ""
