"""`quarantine`, the same for every service: look at records that nobody could read, and decide about them."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

import typer

from foundation import acts, flood, quarantine
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.commands import Commands
from foundation.database import Database
from foundation.quarantine import QuarantinedRecord, RecordNotFound, Undecidable, WaitingPerson
from foundation.quarantine_listing import describe_record, print_records, print_waiting
from foundation.terminal import echo

#: Does what was decided of the record of this number, in somebody's name.
Decide = Callable[[int, Database, Actor], Awaitable[Any]]

RecordId = Annotated[int, typer.Argument(metavar="ID", help="As `quarantine list` shows it.")]
Topic = Annotated[str | None, typer.Argument(help="One topic; every one that is stopped, if left out.")]


def quarantine_commands(
    commands: Commands, *, replay: Decide, dismiss: Decide, malformed: type[Exception]
) -> typer.Typer:
    """Return `quarantine list`, `show`, `replay`, `dismiss`, `people` and `resume` for a service.

    `replay` and `dismiss` raise `Undecidable` where the record is decided about or is not there, and
    `replay` raises `malformed` where it still cannot be read.
    """
    cli = typer.Typer(no_args_is_help=True, help="Records that could not be read; the people they name wait.")

    @cli.command("list")
    def list_records(*, limit: int = 1000, after: int = 0, as_json: AsJson = False) -> None:
        """List records that nobody has decided about, oldest first."""
        print_records(commands.on_database(partial(_list, limit=limit, after=after)), as_json=as_json)

    @cli.command()
    def show(record_id: RecordId, *, content: bool = False, as_json: AsJson = False) -> None:
        """Show one record; with --content what it holds, which may be about a person."""
        kept = commands.asking_about(str(record_id), "quarantine show", partial(_find, record_id=record_id))
        if kept is None:
            fail(RecordNotFound(record_id), code=ExitCode.NO)
        _print_record(describe_record(kept) | (_content_of(kept) if content else {}), as_json=as_json)

    @cli.command("replay")
    def replay_record(record_id: RecordId) -> None:
        """Read a record once more and do what it says, after what was at fault here is mended."""
        _decide(commands, replay, record_id, malformed=malformed)
        echo(f"record {record_id} replayed")

    @cli.command("dismiss")
    def dismiss_record(record_id: RecordId) -> None:
        """Pass over a record for good: it says nothing that counts. The person it names no longer waits."""
        _decide(commands, dismiss, record_id, malformed=malformed)
        echo(f"record {record_id} dismissed")

    @cli.command()
    def people(*, as_json: AsJson = False) -> None:
        """List whom a record has held up for over 15 s: nothing goes to them until somebody decides."""
        print_waiting(commands.on_database(_list_waiting), now=SystemClock().now(), as_json=as_json)

    @cli.command()
    def resume(topic: Topic = None) -> None:
        """Have every replica read on, within a second, what a flood of unreadable records has stopped."""
        _print_resumed(commands.as_operator(partial(_resume, topic=topic)), topic=topic)

    return cli


def _decide(commands: Commands, decide: Decide, record_id: int, *, malformed: type[Exception]) -> None:
    """Do what was decided of a record, or say why it was not done and exit with 1."""

    async def decided(database: Database, actor: Actor) -> str | None:
        try:
            await decide(record_id, database, actor)
        except Undecidable as error:
            return str(error)
        except malformed as error:
            return f"it still cannot be read: {error}"
        return None

    problem = commands.as_operator(decided)
    if problem is not None:
        fail(problem, code=ExitCode.NO)


async def _list(database: Database, *, limit: int, after: int) -> list[QuarantinedRecord]:
    async with database.transaction() as connection:
        return await quarantine.list_open(connection, limit=limit, after=after)


async def _find(database: Database, *, record_id: int) -> QuarantinedRecord | None:
    async with database.transaction() as connection:
        return await quarantine.find(connection, record_id)


def _print_record(described: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(described)
        return
    for name, value in described.items():
        echo(f"{name:12} {value}")


def _content_of(kept: QuarantinedRecord) -> dict[str, Any]:
    record = kept.malformed.record
    return {
        "key": _text(record.key),
        "value": _text(record.value),
        "headers": [[name, _text(value)] for name, value in record.headers],
    }


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")


async def _list_waiting(database: Database) -> list[WaitingPerson]:
    before = SystemClock().now() - quarantine.WAITS_UNSEEN
    async with database.transaction() as connection:
        return await quarantine.list_waiting(connection, before=before)


async def _resume(database: Database, actor: Actor, *, topic: str | None) -> list[str]:
    now = SystemClock().now()
    async with database.transaction() as connection:
        ended = await flood.end(connection, topic=topic, by=str(actor), now=now)
        if ended:
            await acts.record(connection, actor, "quarantine resume", subject=topic, now=now)
    return ended


def _print_resumed(resumed: list[str], *, topic: str | None) -> None:
    if not resumed:
        fail(f"{topic} is not stopped" if topic else "nothing is stopped", code=ExitCode.NO)
    echo(*(f"{name} is read on" for name in sorted(resumed)))
