"""`outreach wording`: whether what we say is kind, true and clear."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.terminal import echo
from outreach.guidance.checking.tone import severity_of
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.trying.texts import Verdict, judge_texts, verdict_json
from outreach.model.finding import Severity
from outreach.model.words import Channel
from outreach.wording.tone.rulebook import languages

cli = typer.Typer(no_args_is_help=True, help="Look at words before anybody is sent them.")


@cli.callback()
def wording() -> None:
    """Look at words before anybody is sent them."""


@cli.command()
def lint(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="A text, a template, or a YAML list of texts; - is standard input."
        ),
    ],
    channel: Annotated[
        Channel | None, typer.Option(help="sms or email, where the file's name does not say it.")
    ] = None,
    language: Annotated[str, typer.Option(help="The language, where the file's name does not say it.")] = "",
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Fail for warnings too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is unkind, untrue or unclear in texts, by which words, and what to say instead.

    A list has `{id, text, channel, language, subject}` for each text. Exits with 1 for errors (threats,
    pretence, deceptive subjects), with --strict for warnings too, and with 2 if a file cannot be read.
    """
    try:
        verdicts = [
            verdict
            for file in files
            for verdict in judge_texts(
                _text(file), file=_name(file), channel=channel or "", language=language
            )
        ]
    except ConfigError as error:
        fail(*error.problems)
    errors = sum(verdict.count(Severity.ERROR) for verdict in verdicts)
    warnings = sum(verdict.count(Severity.WARNING) for verdict in verdicts)
    if as_json:
        print_json({"texts": list(map(verdict_json, verdicts)), "errors": errors, "warnings": warnings})
    else:
        for line in _lines(verdicts):
            echo(line)
        texts = "1 text" if len(verdicts) == 1 else f"{len(verdicts)} texts"
        echo(f"{texts}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}")
        for strange in sorted({verdict.language for verdict in verdicts if not verdict.has_rules}):
            known = " and ".join(sorted(languages()))
            echo(f"of `{strange}` only shouting and questions are looked for: there are rules for {known}")
    raise typer.Exit(ExitCode.NO if errors or (strict and warnings) else ExitCode.DONE)


def _lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        for remark in verdict.remarks:
            words = f' "{remark.words}"' if remark.words else ""
            weighed = f" (weighed: {', '.join(remark.weighed)})" if remark.weighed else ""
            yield f"{verdict.id}: {severity_of(remark)}: {remark.harm}{words}{weighed}. {remark.suggestion}"


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(f"{_name(file)}: is not UTF-8; save it as UTF-8")
    except OSError as error:
        fail(f"{file}: cannot be read: {error.strerror}")
