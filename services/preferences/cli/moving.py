"""`preferences import` and `export`: moving in with what is known, and taking it out again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from foundation import acts
from foundation.acts import Actor
from foundation.clock import SystemClock, parse_instant
from foundation.command_line import ExitCode, fail, print_table
from foundation.database import Database
from foundation.terminal import echo, echo_json
from preferences.cli.shared import as_operator, asking_about
from preferences.moving.bring_in import Importing, Report
from preferences.moving.cells import CellReader, DateOrder
from preferences.moving.columns import KNOWN
from preferences.moving.files import UnusableFile, open_file
from preferences.moving.take_out import take_out
from schemas.values import known_zones

_SHOWS_EVERY = 50_000


def bring_in(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV with a header, or lines of JSON.")
    ],
    *,
    column: Annotated[
        list[str], typer.Option("--column", help="'Their name=our_name', for each that differs.")
    ] = [],  # noqa: B006 (Typer copies it)
    country: Annotated[str | None, typer.Option(help="Of numbers that name none, such as US.")] = None,
    dates: Annotated[DateOrder, typer.Option(help="How 03/02/2026 is meant.")] = DateOrder.ISO,
    zone: Annotated[str | None, typer.Option(help="Of times that name no offset.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_instant, metavar="INSTANT", help="Of rows without a date; else the file's own."
        ),
    ] = None,
    commit: Annotated[bool, typer.Option("--commit", help="Do it. Without it, it is only tried.")] = False,
) -> None:
    """Bring in people, consents, opt-outs, holds and past contacts; without --commit say what would be.

    Each line that cannot be used is named with what to do, and passed over. What was brought in before is
    passed over too: run it again after an interruption, or with the lines mended.
    """
    report = Report()
    try:
        opened = [open_file(file) for file in files]
        for file in opened:
            for notice in file.notices:
                echo(f"{file.path}: {notice}", err=True)
        columns = _columns(column)
        place = _zone(zone)

        async def work(database: Database, actor: Actor) -> None:
            if commit:
                named = ", ".join(file.path.name for file in opened)
                await acts.record_alone(database, actor, "import", reason=named)
            for file in opened:
                reader = CellReader(
                    as_of=as_of or _written_at(file.path), country=country, dates=dates, zone=place
                )
                importing = Importing(
                    database=database,
                    clock=SystemClock(),
                    reader=reader,
                    columns=columns,
                    caller=actor.name,
                    commit=commit,
                )
                await importing.bring_in(file, report, progress=_show_progress)

        as_operator(work)
    except UnusableFile as error:
        fail(error)
    _show(report, commit=commit)
    if report.refused:
        raise typer.Exit(ExitCode.NO)


def export(*, person: Annotated[str | None, typer.Option(help="Only of this person.")] = None) -> None:
    """Write everything said about people as lines of JSON, in the form that `import` reads."""
    encode = msgspec.json.Encoder().encode

    async def work(database: Database) -> int:
        lines = 0
        async for line in take_out(database=database, clock=SystemClock(), person_id=person):
            echo_json(encode(line).decode())
            lines += 1
        return lines

    if asking_about(person, "export", work) == 0 and person is not None:
        fail(f"nobody is known as {person}", code=ExitCode.NO)


def _columns(given: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for pair in given:
        theirs, equals, ours = pair.rpartition("=")
        if not equals or ours not in KNOWN:
            fail(f"--column {pair}: write 'Their name=our_name'; ours are {', '.join(sorted(KNOWN))}")
        columns[theirs] = ours
    return columns


def _zone(name: str | None) -> ZoneInfo | None:
    if name is not None and name not in known_zones():
        fail(f"--zone {name}: there is no such time zone; write America/New_York")
    return None if name is None else ZoneInfo(name)


def _written_at(path: Path) -> datetime:
    """Return when a file was written, so that the same file says the same whenever it is brought in."""
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _show_progress(rows: int) -> None:
    if rows % _SHOWS_EVERY == 0:
        echo(f"{rows:,} rows", err=True)


def _show(report: Report, *, commit: bool) -> None:
    for refusal in report.refused:
        echo(refusal)
    for person_id in sorted(report.closed):
        echo(f"{person_id}: {'is' if commit else 'would be'} closed further by it")
    print_table(
        ["rows", "refused", "said before", "people changed", "of them closed further"],
        [(report.rows, len(report.refused), report.known, len(report.changed), len(report.closed))],
    )
    if report.new:
        print_table(["statements", "of type"], [(count, name) for name, count in sorted(report.new.items())])
    if not commit:
        echo("nothing was changed: this was a trial; do it with --commit")
