"""`outreach quarantine`: look at records that nobody could read, and replay or dismiss them."""

import getpass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from foundation import quarantine
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from foundation.quarantine import QuarantinedRecord
from outreach.cli.shared import on_database, playbook_in_force
from outreach.desk.quarantine import release
from outreach.kafka.intake import sort_records
from outreach.planning.ingest import Batch, ingest
from schemas import envelope

cli = typer.Typer(no_args_is_help=True, help="Records that could not be read; the people they name wait.")

Id = Annotated[int, typer.Argument(help="The number that `list` shows.")]


@cli.command("list")
def list_open(*, as_json: AsJson = False) -> None:
    """List the records that nobody has decided about."""

    async def work(database: Database) -> list[QuarantinedRecord]:
        async with database.transaction() as connection:
            return await quarantine.list_open(connection, limit=1000)

    open_records = on_database(work)
    if as_json:
        print_json([_pointer(kept) for kept in open_records])
        return
    table = Table("id", "kept at", "record", "reason", "problem")
    for kept in open_records:
        record = kept.malformed.record
        place = f"{record.topic}/{record.partition}@{record.offset}"
        table.add_row(
            str(kept.id),
            f"{kept.kept_at:%Y-%m-%d %H:%M}",
            place,
            kept.malformed.reason,
            kept.malformed.problem,
        )
    Console().print(table if open_records else "nothing is waiting")


@cli.command()
def show(number: Id) -> None:
    """Show one record whole. It may hold people's data: this is the one place that prints it."""
    kept = _find_or_exit(number)
    record = kept.malformed.record
    print_json(_pointer(kept))
    for name, value in record.headers:
        typer.echo(f"{name}: {value!r}")
    typer.echo((record.value or b"").decode(errors="backslashreplace"))


@cli.command()
def replay(number: Id) -> None:
    """Read the record again, as this version understands it. It stays if it still cannot be read."""

    async def work(database: Database) -> str | None:
        clock, kept = SystemClock(), await _find(database, number)
        if kept is None:
            return f"no record {number}"
        events, malformed = sort_records([kept.malformed.record], clock=clock)
        if malformed:
            return f"still {malformed[0].reason}: {malformed[0].problem}"
        if kept.malformed.reason == envelope.CHANGED_CONTENT:
            events = [envelope.as_another(event) for event in events]
        playbook = await playbook_in_force(database)
        await ingest(Batch(events=events), database=database, playbook=playbook, clock=clock)
        await release(kept, state="replayed", by=getpass.getuser(), database=database, clock=clock)
        return None

    _tell(on_database(work), done=f"record {number} was read")


@cli.command()
def dismiss(number: Id) -> None:
    """Give the record up for good; the person it names no longer waits for it."""

    async def work(database: Database) -> str | None:
        kept = await _find(database, number)
        if kept is None:
            return f"no record {number}"
        await release(kept, state="dismissed", by=getpass.getuser(), database=database, clock=SystemClock())
        return None

    _tell(on_database(work), done=f"record {number} was dismissed")


async def _find(database: Database, number: int) -> QuarantinedRecord | None:
    async with database.transaction() as connection:
        return await quarantine.find(connection, number)


def _find_or_exit(number: int) -> QuarantinedRecord:
    kept = on_database(lambda database: _find(database, number))
    if kept is None:
        fail(f"no record {number}", code=ExitCode.NO)
    return kept


def _tell(problem: str | None, *, done: str) -> None:
    if problem is not None:
        fail(problem, code=ExitCode.NO)
    typer.echo(done)


def _pointer(kept: QuarantinedRecord) -> dict[str, Any]:
    record = kept.malformed.record
    return {
        "id": kept.id,
        "state": kept.state,
        "kept_at": kept.kept_at.isoformat(),
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "person": kept.malformed.person,
        "reason": kept.malformed.reason,
        "problem": kept.malformed.problem,
    }
