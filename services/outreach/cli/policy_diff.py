"""`outreach policy diff`: what a change of policy would do to messages that were decided before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.console import SafeConsole
from foundation.terminal import echo
from outreach.cli.shared import on_database
from outreach.desk.known_names import list_known_names, refuse_unknown_names_of_policy
from outreach.desk.policy_diff import changes_something, diff_json, diff_lines
from outreach.desk.replayed import (
    list_situations_of_cases,
    list_situations_of_events,
    list_stored_situations,
)
from outreach.guidance.files.folder import read_files
from outreach.guidance.files.policy import POLICY_FILE, load_policy
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.spellings import parse_duration
from outreach.guidance.trying.comparison import Diff
from outreach.guidance.trying.shadows import with_shadows_binding
from outreach.guidance.trying.trial import compare_lines


def diff(
    old: Annotated[
        Path, typer.Argument(metavar="OLD", help="A policy.yaml, or the directory that holds one.")
    ],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Likewise; the same one with --bind-shadow.")],
    *,
    since: Annotated[
        str | None, typer.Option(metavar="30d", help="Replay what was decided in the last so many days.")
    ] = None,
    situations: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Replay a file of situations, one JSON object a line.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Replay the situations of a file of policy cases.")
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Replay a file of events (snapshots, debts, payments, contacts), with OLD's playbook.yaml.",
        ),
    ] = None,
    bind_shadow: Annotated[bool, typer.Option(help="Let the shadow rules of NEW bind.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide the same messages under two policies and say what changes. Nothing is written or sent.

    Exits with 0 if nothing changes, with 1 if something does, with 2 if a file cannot be read.
    """
    if sum(source is not None for source in (since, situations, cases, events)) != 1:
        fail("say what to replay: --since 30d, --events, --situations or --cases FILE")
    try:
        before, after = load_policy(old), load_policy(new)
        known = None if since is None else on_database(list_known_names)
        refuse_unknown_names_of_policy(new, known=known, now=SystemClock().now())
        after = with_shadows_binding(after) if bind_shadow else after
        if cases is not None:
            lines = list_situations_of_cases(cases, after)
        elif events is not None:
            now = SystemClock().now()
            lines = list_situations_of_events(events, policy_path=old, policy=before, now=now)
        elif situations is not None:
            lines = situations.read_bytes().splitlines()
        else:
            lines = stored_situations(since or "")
        name = str(cases or events or situations or "stored decisions")
        with _progress(len(lines), quiet=as_json) as seen:
            difference = compare_lines(
                before, after, lines, file=name, workers=_workers(len(lines)), seen=seen
            )
    except ConfigError as error:
        fail(*error.problems)
    except OSError as error:
        if error.filename is None:
            raise
        fail(f"{error.filename} cannot be read: {error.strerror}")
    _conclude(difference, old, new, as_json=as_json)


def _conclude(difference: Diff, old: Path, new: Path, *, as_json: bool) -> NoReturn:
    beside = _changed_beside(old, new)
    if as_json:
        print_json({**diff_json(difference), "other_files_changed": beside})
    else:
        for line in diff_lines(difference):
            echo(line)
        if beside:
            echo(f"changed too: {', '.join(beside)}; see `outreach playbook diff {old} {new}`")
    raise typer.Exit(ExitCode.NO if changes_something(difference) or beside else ExitCode.DONE)


def _changed_beside(old: Path, new: Path) -> list[str]:
    """Return which other files of two folders differ; a comparison of decisions does not look at them."""
    if not (old.is_dir() and new.is_dir()):
        return []
    before, after = read_files(old)[0], read_files(new)[0]
    return [
        file
        for file in sorted(before.keys() | after.keys())
        if file != POLICY_FILE and before.get(file) != after.get(file)
    ]


def stored_situations(since: str) -> list[bytes]:
    """Return what was decided in the last `30d`, one line each, or say why not and exit with 2."""
    try:
        begins = SystemClock().now() - parse_duration(since)
    except ValueError as error:
        fail(str(error))
    return on_database(lambda database: list_stored_situations(database, since=begins))


def _workers(lines: int) -> int:
    """One process for each core, where there is enough to do."""
    return max(1, min(len(os.sched_getaffinity(0)), lines // 2000))


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Any]:
    console = SafeConsole(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("deciding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("deciding", total=total)
        yield lambda count: progress.advance(task, count)
