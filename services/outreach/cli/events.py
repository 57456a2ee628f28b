"""`outreach events`: check a file of events, and publish it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.terminal import echo
from outreach.cli.shared import KafkaAddress, kafka_or_exit, run_or_exit
from outreach.desk.publishing import move_to_today, publish_lines
from schemas.publisher import UnpublishableLine, validate_lines

cli = typer.Typer(no_args_is_help=True, help="Check and publish files of events, one CloudEvent to a line.")

File = Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="One structured CloudEvent on each line.")]


@cli.command()
def validate(file: File, *, as_json: AsJson = False) -> None:
    """Say line by line what a consumer would refuse.

    Exits with 1 if there is something, and with 2 if the file cannot be read.
    """
    lines = _read(file)
    problems = validate_lines(lines, now=SystemClock().now())
    _tell(file, problems, as_json=as_json, events=_count(lines))
    raise typer.Exit(ExitCode.NO if problems else ExitCode.DONE)


@cli.command()
def publish(
    file: File,
    *,
    kafka: KafkaAddress = None,
    today: Annotated[
        bool,
        typer.Option("--today", help="Move all dates by whole days, so that the latest event is of today."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish the events in their order, each to the topic of its type, keyed by its person.

    Nothing is published if anything is wrong with the file (exit 1). Publishing it twice is safe:
    an event that was heard before changes nothing. Kafka is reached as OUTREACH_KAFKA__* say.
    """
    now = SystemClock().now()
    lines = _read(file)
    problems = validate_lines(lines, now=now)
    if problems:
        _tell(file, problems, as_json=as_json, events=_count(lines))
        raise typer.Exit(ExitCode.NO)
    if today:
        try:
            lines = move_to_today(lines, now=now)
        except (ValueError, RecursionError):
            # Attributes that are not ours may hold what consumers pass over and Python does not read.
            fail(f"{file}: holds a number or a nest too long to move its dates")
    settings = kafka_or_exit(kafka)
    published = run_or_exit(publish_lines(lines, kafka=settings), kafka=settings)
    if as_json:
        print_json({"published": published})
    else:
        echo(f"{published} events published to {settings.bootstrap_servers}")


def _read(file: Path) -> list[bytes]:
    try:
        return file.read_bytes().splitlines()
    except OSError as error:
        fail(f"{file}: {error.strerror}")


def _count(lines: Sequence[bytes]) -> int:
    return sum(bool(line.strip()) for line in lines)


def _tell(file: Path, problems: Sequence[UnpublishableLine], *, as_json: bool, events: int) -> None:
    if as_json:
        described = [
            {"line": problem.line, "reason": problem.reason, "problem": problem.problem}
            for problem in problems
        ]
        print_json({"events": events, "problems": described})
        return
    for problem in problems:
        echo(f"{file}:{problem.line}: {problem.reason}: {problem.problem}")
    wrong = len({problem.line for problem in problems})
    echo(f"{events} events, {wrong} wrong" if problems else f"{events} events, all well")
