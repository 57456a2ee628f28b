"""`preferences import` and `export`: moving in with what is known, and taking it out again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from foundation import acts
from foundation.acts import Actor
from foundation.bundle import write_or_exit
from foundation.clock import SystemClock, parse_instant
from foundation.command_line import ExitCode, fail, print_json, print_table
from foundation.database import Database
from foundation.garbage import collect_seldom
from foundation.terminal import echo, echo_json
from preferences.cli.shared import as_operator, asking_about
from preferences.desk.exporting import export_person
from preferences.moving.bring_in import CONTACTS_REACH, Importing, Report
from preferences.moving.cells import CellReader, DateOrder
from preferences.moving.columns import KNOWN
from preferences.moving.files import ImportFile, UnusableFile, open_file
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
    cut_off: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_instant,
            metavar="INSTANT",
            help="Past contacts of before it are left out; else 100 days ago, beyond which no cap looks.",
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
            collect_seldom()
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
                    cut_off=cut_off or SystemClock().now() - CONTACTS_REACH,
                )
                with _saying_where_it_ends(file, report, commit=commit):
                    await importing.bring_in(file, report, progress=_progress_of(file, report))

        as_operator(work)
    except UnusableFile as error:
        fail(error)
    _show(report, commit=commit)
    if report.refused:
        raise typer.Exit(ExitCode.NO)


def export(
    *,
    person: Annotated[
        str | None, typer.Option(help="All that is kept of this person, as one answer to them.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Write it there, as JSON and to be read.")
    ] = None,
) -> None:
    """Write everything said about people as lines of JSON, in the form that `import` reads."""
    if person is not None:
        _export_person(person, to)
        return
    if to is not None:
        fail("--to: is of one person; name them with --person")
    encode = msgspec.json.Encoder().encode

    async def work(database: Database) -> None:
        async for line in take_out(database=database, clock=SystemClock()):
            echo_json(encode(line).decode())

    asking_about(None, "export", work)


def _export_person(person_id: str, folder: Path | None) -> None:
    async def ask(database: Database) -> dict[str, Any] | None:
        async with database.reading() as connection:
            return await export_person(connection, person_id, now=SystemClock().now())

    story = asking_about(person_id, "export", ask)
    if story is None:
        fail(f"nobody is known as {person_id}", code=ExitCode.NO)
    if folder is None:
        print_json(story)
        return
    about = "What the service keeps of you that knows how you may be reached: who said what, when and how."
    write_or_exit(folder, name="preferences", about=about, story=story)


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


def _progress_of(file: ImportFile, report: Report) -> Callable[[int], None]:
    def show(rows: int) -> None:
        if rows % _SHOWS_EVERY == 0:
            echo(f"{rows:,} rows, {file.path} up to line {report.reached:,}", err=True)

    return show


@contextmanager
def _saying_where_it_ends(file: ImportFile, report: Report, *, commit: bool) -> Iterator[None]:
    """Say how far a file was brought in, if it is cut short: whoever goes on runs the same command again."""
    try:
        yield
    except BaseException:
        if commit and report.reached:
            echo(
                f"{file.path}: brought in up to line {report.reached:,}; run the same again to go on there:"
                " what is brought in is passed over",
                err=True,
            )
        raise


def _show(report: Report, *, commit: bool) -> None:
    for refusal in report.refused:
        echo(refusal)
    for person_id in sorted(report.closed):
        echo(f"{person_id}: {'is' if commit else 'would be'} closed further by it")
    print_table(
        ["rows", "refused", "said before", "people changed", "of them closed further"],
        [(report.rows, len(report.refused), report.known, report.changed, len(report.closed))],
    )
    if report.new:
        print_table(["statements", "of type"], [(count, name) for name, count in sorted(report.new.items())])
    if report.older:
        echo(f"{report.older:,} past contacts are older than the cut-off and left out: no cap counts them")
    if not commit:
        echo("nothing was changed: this was a trial; do it with --commit")
