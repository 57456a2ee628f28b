"""`outreach policy diff`: what a change of policy would do to messages that were decided before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from outreach.cli.shared import on_database
from outreach.desk.explanations import decision_words
from outreach.desk.rehearse import rehearse
from outreach.guidance.files.folder import PLAYBOOK
from outreach.guidance.files.playbook import build_playbook
from outreach.guidance.files.policy import load_policy
from outreach.guidance.files.problems import ConfigError, Problem
from outreach.guidance.files.spellings import parse_duration
from outreach.guidance.trying.cases import read_cases
from outreach.guidance.trying.comparison import Burst, Change, Diff, Example
from outreach.guidance.trying.replay import situation_line
from outreach.guidance.trying.shadows import with_shadows_binding
from outreach.guidance.trying.trial import compare_lines
from outreach.guidance.trying.understood import understood
from outreach.policy.policy import Policy
from outreach.policy.recorded import render_situation
from outreach.policy.situation import Situation
from outreach.store import decisions
from schemas.envelope import Event, Malformed
from schemas.people import PersonSnapshot
from schemas.publisher import read_line

#: Past this many stored decisions the latest are enough to see what a change does.
_MOST = 1_000_000


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
        after = with_shadows_binding(after) if bind_shadow else after
        if cases is not None:
            name, lines = _of_cases(cases, after)
        elif events is not None:
            name, lines = _of_events(events, old, before)
        else:
            name, lines = _lines(since, situations)
        with _progress(len(lines), quiet=as_json) as seen:
            difference = compare_lines(
                before, after, lines, file=name, workers=_workers(len(lines)), seen=seen
            )
    except ConfigError as error:
        fail(*error.problems)
    if as_json:
        print_json(diff_json(difference))
    else:
        for line in diff_lines(difference):
            typer.echo(line)
    raise typer.Exit(
        ExitCode.NO if difference.total != difference.changes.get(Change.SAME, 0) else ExitCode.DONE
    )


def diff_lines(difference: Diff) -> Iterator[str]:
    """Yield the lines that `diff` prints."""
    yield f"{difference.total} messages decided under both"
    for change in Change:
        if count := difference.changes.get(change, 0):
            yield f"{count:>8}  {_NAMES[change]}"
            yield from _parts(difference, change)
    yield f"busiest minute before  {_burst_words(difference.burst_before)}"
    yield f"busiest minute after   {_burst_words(difference.burst_after)}"
    for example in difference.examples:
        yield f"example, line {example.number}: {_NAMES[example.change]}"
        yield f"    before  {decision_words(example.before)}"
        yield f"    after   {decision_words(example.after)}"


_NAMES = {
    Change.SAME: "stay as they are",
    Change.LATER: "go out later",
    Change.SOONER: "go out sooner",
    Change.APPEARS: "appear: they were suppressed",
    Change.VANISHES: "vanish: they would be suppressed",
    Change.REASON: "wait as long, for other reasons",
}


def diff_json(difference: Diff) -> dict[str, Any]:
    """Return a difference as JSON values."""
    return {
        "total": difference.total,
        "changes": {change: difference.changes.get(change, 0) for change in Change},
        "by_reason": [
            {"change": change, "reason": reason, "count": count}
            for (change, reason), count in sorted(difference.by_reason.items())
        ],
        "by_play": [
            {"change": change, "play": play, "count": count}
            for (change, play), count in sorted(difference.by_play.items())
        ],
        "busiest_minute": {
            "before": _burst_json(difference.burst_before),
            "after": _burst_json(difference.burst_after),
        },
        "examples": [_example_json(example) for example in difference.examples],
    }


def _parts(difference: Diff, change: Change) -> Iterator[str]:
    for name, counted in (("reason", difference.by_reason), ("play", difference.by_play)):
        parts = sorted(((count, key) for (of, key), count in counted.items() if of is change), reverse=True)
        if parts:
            yield f"          by {name}: {', '.join(f'{key} {count}' for count, key in parts)}"


def _burst_words(burst: Burst) -> str:
    return "none" if burst.minute is None else f"{burst.count} at {burst.minute:%Y-%m-%d %H:%M}Z"


def _burst_json(burst: Burst) -> dict[str, Any]:
    return {"minute": burst.minute.isoformat() if burst.minute else None, "count": burst.count}


def _example_json(example: Example) -> dict[str, Any]:
    return {
        "line": example.number,
        "change": example.change,
        "before": decision_words(example.before),
        "after": decision_words(example.after),
        "situation": render_situation(example.situation),
    }


def _lines(since: str | None, situations: Path | None) -> tuple[str, list[bytes]]:
    if situations is not None:
        try:
            return str(situations), situations.read_bytes().splitlines()
        except OSError as error:
            fail(f"{situations} cannot be read: {error.strerror}")
    return "stored decisions", stored_situations(since or "")


def stored_situations(since: str) -> list[bytes]:
    """Return what was decided in the last `30d`, one line each, or say why not and exit with 2."""
    try:
        begins = SystemClock().now() - parse_duration(since)
    except ValueError as error:
        fail(str(error))

    async def read(database: Database) -> list[bytes]:
        async with database.transaction() as connection:
            return await decisions.list_situations_since(connection, since=begins, limit=_MOST)

    return on_database(read)


def _of_cases(file: Path, policy: Policy) -> tuple[str, list[bytes]]:
    cases = read_cases(file, packs=policy.packs)
    return str(file), [situation_line(_understood(case.situation)).encode() for case in cases]


def _of_events(file: Path, old: Path, policy: Policy) -> tuple[str, list[bytes]]:
    """Return the questions that a file of events would put to the old policy.

    Raises:
        ConfigError: an event cannot be read, or nobody's snapshot is in the file.
    """
    folder = old if old.is_dir() else old.parent
    playbook, _ = build_playbook((folder / PLAYBOOK).read_text(encoding="utf-8"), file=PLAYBOOK)
    heard = _read_events(file)
    if not any(isinstance(event.data, PersonSnapshot) for event in heard):
        problem = Problem(
            file=str(file),
            line=1,
            column=1,
            message="holds no person.snapshot event, so nothing is known of anybody",
            fix="add what people.v1 holds of these people",
        )
        raise ConfigError([problem])
    questions = rehearse(heard, playbook=playbook, policy=policy)
    return str(file), [situation_line(question).encode() for question in questions]


def _read_events(file: Path) -> list[Event]:
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")
    heard, problems, now = [], [], SystemClock().now()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                heard.append(read_line(line, now=now))
            except Malformed as error:
                problems.append(
                    Problem(file=str(file), line=number, column=1, message=f"{error.reason}: {error.problem}")
                )
    if problems:
        raise ConfigError(problems)
    return heard


def _understood(situation: Situation) -> Situation:
    return replace(situation, facts=understood(situation.facts))


def _workers(lines: int) -> int:
    """One process for each core, where there is enough to do."""
    return max(1, min(len(os.sched_getaffinity(0)), lines // 2000))


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Any]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("deciding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("deciding", total=total)
        yield lambda count: progress.advance(task, count)
