"""`outreach check`: what is wrong with a config folder as a whole, or weak in it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, NoReturn, TypeAlias

import typer

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.terminal import echo
from outreach.desk.check import Report, check_folder, report_json, report_lines, summary
from outreach.guidance.checking.material import KnownNames
from outreach.guidance.files.folder import POLICY
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.trying.replay import read_situation, read_situations
from outreach.model.finding import Severity
from outreach.policy.situation import Situation

SituationsFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--situations",
        metavar="FILE",
        help="Try the windows on the places of these situations, one JSON a line.",
    ),
]
Since: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="30d",
        help="Try windows on the places of what was decided since, and names on the debts there are.",
    ),
]
Strict: TypeAlias = Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")]


def check(
    path: Annotated[Path, typer.Argument(metavar="[DIR]", help="The config folder.")] = Path(),
    situations: SituationsFile = None,
    since: Since = None,
    *,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a config folder, or weak in it: file, line, column and the fix.

    Policy, playbook, templates and directory are read as one. An error keeps the folder from taking
    effect; a warning may be meant; a note is good to know. Exits with 1 if there is an error, and with 2
    if there is no such folder.
    """
    if path.exists() and not path.is_dir():
        fail(f"{path} is a file; name the folder that it is in, or use `outreach policy check {path}`")
    report = report_on(path, situations=situations, since=since)
    conclude(report, report_lines, strict=strict, as_json=as_json)


def check_part(
    path: Path, file: str, *, situations: Path | None, since: str | None, strict: bool, as_json: bool
) -> NoReturn:
    """Say what is to be said of one file of a folder, and how much more there is of the others."""
    whole = report_on(path, situations=situations, since=since, part=file)
    report = whole.of_file(file if path.is_dir() else str(path))
    name = str(path / file) if path.is_dir() and path != Path() else file if path.is_dir() else str(path)

    def lines(report: Report) -> Sequence[str]:
        others = len(whole.findings) - len(report.findings)
        more = f"; of the other files there {'is' if others == 1 else 'are'} {others}: outreach check {path}"
        return [*map(str, report.findings), f"{name}: {summary(report)}{more if others else ''}"]

    conclude(report, lines, strict=strict, as_json=as_json)


def report_on(path: Path, *, situations: Path | None, since: str | None, part: str = POLICY) -> Report:
    """Return the report on a folder, or a file that is such a part; exit with 2 if it cannot be read."""
    try:
        asked = [*read_situations(situations)] if situations else []
        known = None
        if since is not None:
            stored, known = _from_the_database(since)
            asked += stored
        return check_folder(path, situations=asked, known=known, now=SystemClock().now(), part=part)
    except ConfigError as error:
        fail(*error.problems)


def conclude(
    report: Report, lines: Callable[[Report], Iterable[str]], *, strict: bool, as_json: bool
) -> NoReturn:
    """Print a report and end the command by what is in it."""
    if as_json:
        print_json(report_json(report))
    else:
        for line in lines(report):
            echo(line)
    failed = report.count(Severity.ERROR) or (strict and report.count(Severity.WARNING))
    raise typer.Exit(ExitCode.NO if failed else ExitCode.DONE)


def _from_the_database(since: str) -> tuple[list[Situation], KnownNames]:
    # The database's driver, and all that reads it, is for this option alone.
    from outreach.cli.policy_diff import stored_situations  # noqa: PLC0415
    from outreach.cli.shared import on_database  # noqa: PLC0415
    from outreach.desk.known_names import list_known_names  # noqa: PLC0415

    situations = [read_situation(line) for line in stored_situations(since)]
    return situations, on_database(list_known_names)
