"""`preferences quarantine`: look at records that nobody could read, and replay or dismiss them."""

from typing import Annotated

import typer

from foundation import acts, flood, quarantine
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from foundation.quarantine import QuarantinedRecord, WaitingPerson
from foundation.quarantine_listing import describe_record, print_records, print_waiting
from foundation.terminal import echo
from preferences.cli.shared import as_operator, asking_about, on_database
from preferences.desk import quarantine as desk

cli = typer.Typer(no_args_is_help=True, help="Records that could not be read.")

RecordId = Annotated[int, typer.Argument(metavar="ID", help="As `quarantine list` shows it.")]


@cli.command("list")
def list_records(*, limit: int = 100, after: int = 0, as_json: AsJson = False) -> None:
    """List records that nobody has decided about, oldest first."""

    async def find(database: Database) -> list[QuarantinedRecord]:
        async with database.transaction() as connection:
            return await quarantine.list_open(connection, limit=limit, after=after)

    print_records(on_database(find), as_json=as_json)


@cli.command()
def show(record_id: RecordId, *, content: bool = False, as_json: AsJson = False) -> None:
    """Show one record; with --content what it holds, which may be about a person."""
    kept = asking_about(
        str(record_id), "quarantine show", lambda database: desk.find(record_id, database=database)
    )
    described = describe_record(kept)
    if content:
        record = kept.malformed.record
        described["key"] = _text(record.key)
        described["value"] = _text(record.value)
        described["headers"] = [[name, _text(value)] for name, value in record.headers]
    if as_json:
        print_json(described)
        return
    for name, value in described.items():
        echo(f"{name:12} {value}")


@cli.command()
def replay(record_id: RecordId) -> None:
    """Read a record once more and do what it says, after what was at fault here is mended."""
    changed = as_operator(
        lambda database, actor: desk.replay(record_id, actor=actor, database=database, clock=SystemClock())
    )
    echo(f"record {record_id} replayed" + ("" if changed else "; it said nothing new"))


@cli.command()
def dismiss(record_id: RecordId) -> None:
    """Pass over a record for good: it says nothing that counts. The person it names no longer waits."""
    as_operator(
        lambda database, actor: desk.dismiss(record_id, actor=actor, database=database, clock=SystemClock())
    )
    echo(f"record {record_id} dismissed")


@cli.command()
def people(*, as_json: AsJson = False) -> None:
    """List whom a record has held up for longer than 15 s: nothing goes to them until somebody decides."""
    now = SystemClock().now()

    async def find(database: Database) -> list[WaitingPerson]:
        async with database.transaction() as connection:
            return await quarantine.list_waiting(connection, before=now - quarantine.WAITS_UNSEEN)

    print_waiting(on_database(find), now=now, as_json=as_json)


@cli.command()
def resume(
    topic: Annotated[
        str | None, typer.Argument(help="One topic; every one that is stopped, if left out.")
    ] = None,
) -> None:
    """Have what a flood of unreadable records has stopped be read on, within a second, by every replica."""

    async def end(database: Database, actor: Actor) -> list[str]:
        now = SystemClock().now()
        async with database.transaction() as connection:
            ended = await flood.end(connection, topic=topic, by=str(actor), now=now)
            if ended:
                await acts.record(connection, actor, "quarantine resume", subject=topic, now=now)
        return ended

    resumed = as_operator(end)
    if not resumed:
        fail(f"{topic} is not stopped" if topic else "nothing is stopped", code=ExitCode.NO)
    echo(*(f"{name} is read on" for name in sorted(resumed)))


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")
