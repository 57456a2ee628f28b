"""The command line of preferences."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from aiokafka.errors import KafkaError

from foundation import logs, quarantine
from foundation.clock import SystemClock
from foundation.database import Database, DatabaseUnavailable
from foundation.migrations import migrate as migrate_database
from foundation.quarantine import QuarantinedRecord
from foundation.serving import NotServing
from foundation.settings import BadSettings, Settings, load
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

_FAILED = 1
_CANNOT = 2

T = TypeVar("T")
S = TypeVar("S", bound=Settings)
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
By = Annotated[str, typer.Option(help="Who decides; by default whoever is logged in.")]
RecordId = Annotated[int, typer.Argument(metavar="ID", help="As `quarantine list` shows it.")]


@cli.command()
def run() -> None:
    """Run the service until it is told to stop (SIGTERM): it then finishes what it has in hand."""
    logs.configure()
    config = _load(Config)
    _answer(lambda: app.run(config, clock=SystemClock()))


@cli.command()
def migrate() -> None:
    """Bring the database up to date; running it again, or twice at once, does no harm."""
    config = _load(StoreConfig)
    url = config.database_url.get_secret_value()
    applied = _answer(lambda: migrate_database(url, package="preferences"))
    typer.echo("\n".join(applied) if applied else "up to date")


@quarantine_cli.command("list")
def list_records(*, limit: int = 100, after: int = 0, as_json: AsJson = False) -> None:
    """List records that nobody has decided about, oldest first."""

    async def find(database: Database) -> list[QuarantinedRecord]:
        async with database.transaction() as connection:
            return await quarantine.list_open(connection, limit=limit, after=after)

    open_records = _with_database(find)
    if as_json:
        typer.echo(json.dumps([_described(kept) for kept in open_records]))
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
        typer.echo(json.dumps(described))
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
    config = _load(StoreConfig)

    async def open_and_work() -> T:
        async with Database.open(
            config.database_url.get_secret_value(), size=1, name="preferences-cli"
        ) as database:
            return await work(database)

    return _answer(open_and_work)


def _answer(work: Callable[[], Awaitable[T]]) -> T:
    """Do the work; where it cannot be done say why in one line, without what settings or records hold."""

    async def working() -> T:
        return await work()

    try:
        return asyncio.run(working())
    except Malformed as error:
        problem, code = f"it still cannot be read: {error.reason}: {error.problem}", _FAILED
    except PreferencesError as error:
        problem, code = str(error), _FAILED
    except NotServing as error:
        problem, code = f"PREFERENCES_HTTP__PORT: {error}", _CANNOT
    except DatabaseUnavailable as error:
        problem, code = f"PREFERENCES_DATABASE_URL: the database is out of reach ({error})", _CANNOT
    except (KafkaError, OSError) as error:
        problem, code = (
            f"PREFERENCES_KAFKA__BOOTSTRAP_SERVERS: Kafka is out of reach ({type(error).__name__})",
            _CANNOT,
        )
    typer.echo(problem, err=True)
    raise typer.Exit(code)


def _load(settings: type[S]) -> S:
    try:
        return load(settings)
    except BadSettings as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_CANNOT) from error


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
