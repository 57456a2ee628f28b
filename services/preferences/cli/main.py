"""The command line of preferences."""

import getpass
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer

from foundation import logs, quarantine
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, load_or_exit, print_json, run_or_exit
from foundation.database import Database
from foundation.migrations import migrate as migrate_database
from foundation.quarantine import QuarantinedRecord
from preferences import app
from preferences.config import Config, StoreConfig
from preferences.desk import quarantine as steps
from preferences.errors import PreferencesError
from schemas.envelope import Malformed

cli = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="Who may be reached, how, when, and why not."
)
quarantine_cli = typer.Typer(no_args_is_help=True, help="Records that could not be read.")
cli.add_typer(quarantine_cli, name="quarantine")

T = TypeVar("T")
By = Annotated[str, typer.Option(help="Who decides; by default whoever is logged in.")]
RecordId = Annotated[int, typer.Argument(metavar="ID", help="As `quarantine list` shows it.")]


@cli.command()
def run() -> None:
    """Run the service until it is told to stop (SIGTERM): it then finishes what it has in hand."""
    logs.configure()
    config = load_or_exit(Config)
    _answer(app.run(config, clock=SystemClock()), kafka=config.kafka.bootstrap_servers)


@cli.command()
def migrate() -> None:
    """Bring the database up to date; running it again, or twice at once, does no harm."""
    config = load_or_exit(StoreConfig)
    url = config.database_url.get_secret_value()
    applied = _answer(migrate_database(url, package="preferences"))
    typer.echo("\n".join(applied) if applied else "up to date")


@quarantine_cli.command("list")
def list_records(*, limit: int = 100, after: int = 0, as_json: AsJson = False) -> None:
    """List records that nobody has decided about, oldest first."""

    async def find(database: Database) -> list[QuarantinedRecord]:
        async with database.transaction() as connection:
            return await quarantine.list_open(connection, limit=limit, after=after)

    open_records = _with_database(find)
    if as_json:
        print_json([_described(kept) for kept in open_records])
        return
    for kept in open_records:
        typer.echo(_line(kept))
    typer.echo(f"{len(open_records)} open" if open_records else "nothing is in the quarantine")


@quarantine_cli.command()
def show(record_id: RecordId, *, content: bool = False, as_json: AsJson = False) -> None:
    """Show one record; with --content what it holds, which may be about a person."""
    kept = _with_database(lambda database: steps.find(record_id, database=database))
    described = _described(kept)
    if content:
        record = kept.malformed.record
        described["key"] = _text(record.key)
        described["value"] = _text(record.value)
        described["headers"] = [[name, _text(value)] for name, value in record.headers]
    if as_json:
        print_json(described)
        return
    for name, value in described.items():
        typer.echo(f"{name:12} {value}")


@quarantine_cli.command()
def replay(record_id: RecordId, *, by: By = "") -> None:
    """Read a record once more and do what it says, after what was at fault here is mended."""
    changed = _with_database(
        lambda database: steps.replay(
            record_id, by=by or getpass.getuser(), database=database, clock=SystemClock()
        )
    )
    typer.echo(f"record {record_id} replayed" + ("" if changed else "; it said nothing new"))


@quarantine_cli.command()
def dismiss(record_id: RecordId, *, by: By = "") -> None:
    """Pass over a record for good: it says nothing that counts. The person it names no longer waits."""
    _with_database(
        lambda database: steps.dismiss(
            record_id, by=by or getpass.getuser(), database=database, clock=SystemClock()
        )
    )
    typer.echo(f"record {record_id} dismissed")


def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    config = load_or_exit(StoreConfig)

    async def open_and_work() -> T:
        async with Database.open(
            config.database_url.get_secret_value(), size=1, name="preferences-cli"
        ) as database:
            return await work(database)

    return _answer(open_and_work())


def _answer(work: Coroutine[Any, Any, T], *, kafka: str = "") -> T:
    """Do the work; where the answer is no exit with 1, where something stops it with 2, each in one line."""
    try:
        return run_or_exit(work, prefix="PREFERENCES_", kafka=kafka)
    except Malformed as error:
        fail(f"it still cannot be read: {error.reason}: {error.problem}", code=ExitCode.NO)
    except PreferencesError as error:
        fail(error, code=ExitCode.NO)


def _described(kept: QuarantinedRecord) -> dict[str, Any]:
    record = kept.malformed.record
    return {
        "id": kept.id,
        "state": kept.state,
        "reason": kept.malformed.reason,
        "problem": kept.malformed.problem,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "person": kept.malformed.person,
        "kept_at": kept.kept_at.isoformat(),
        "closed_at": kept.closed_at.isoformat() if kept.closed_at else None,
        "closed_by": kept.closed_by,
    }


def _line(kept: QuarantinedRecord) -> str:
    record = kept.malformed.record
    place = f"{record.topic}/{record.partition}@{record.offset}"
    return f"{kept.id:>6}  {place:32} {kept.malformed.reason:15} {kept.malformed.problem}"


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")
