"""`outreach quarantine`: look at records that nobody could read, and replay or dismiss them."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from foundation import acts, flood, quarantine
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from foundation.quarantine import QuarantinedRecord, RecordNotFound, Undecidable, WaitingPerson
from foundation.quarantine_listing import describe_record, print_records, print_waiting
from foundation.terminal import echo, echo_text
from outreach.cli.shared import as_operator, asking_about, on_database, playbook_in_force
from outreach.desk import quarantine as desk
from schemas.envelope import Malformed

cli = typer.Typer(no_args_is_help=True, help="Records that could not be read; the people they name wait.")

Id = Annotated[int, typer.Argument(help="The number that `list` shows.")]


@cli.command("list")
def list_open(*, as_json: AsJson = False) -> None:
    """List the records that nobody has decided about."""

    async def work(database: Database) -> list[QuarantinedRecord]:
        async with database.transaction() as connection:
            return await quarantine.list_open(connection, limit=1000)

    print_records(on_database(work), as_json=as_json)


@cli.command()
def show(number: Id) -> None:
    """Show one record whole. It may hold people's data: this is the one place that prints it."""
    kept = _find_or_exit(number)
    record = kept.malformed.record
    print_json(describe_record(kept))
    for name, value in record.headers:
        echo(f"{name}: {value!r}")
    echo_text((record.value or b"").decode(errors="backslashreplace"))


@cli.command()
def replay(number: Id) -> None:
    """Read the record again, as this version understands it. It stays if it still cannot be read."""

    async def work(database: Database, actor: Actor) -> None:
        playbook = await playbook_in_force(database)
        await desk.replay(number, actor=actor, database=database, playbook=playbook, clock=SystemClock())

    _decide(work, done=f"record {number} was read")


@cli.command()
def dismiss(number: Id) -> None:
    """Give the record up for good; the person it names no longer waits for it."""

    async def work(database: Database, actor: Actor) -> None:
        await desk.dismiss(number, actor=actor, database=database, clock=SystemClock())

    _decide(work, done=f"record {number} was dismissed")


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


async def _find(database: Database, number: int) -> QuarantinedRecord | None:
    async with database.transaction() as connection:
        return await quarantine.find(connection, number)


def _find_or_exit(number: int) -> QuarantinedRecord:
    kept = asking_about(str(number), "quarantine show", lambda database: _find(database, number))
    if kept is None:
        fail(RecordNotFound(number), code=ExitCode.NO)
    return kept


def _decide(work: Callable[[Database, Actor], Awaitable[None]], *, done: str) -> None:
    """Do what was decided of a record, or say why it was not done."""

    async def decided(database: Database, actor: Actor) -> str | None:
        try:
            await work(database, actor)
        except Undecidable as error:
            return str(error)
        except Malformed as error:
            return f"still {error}"
        return None

    problem = as_operator(decided)
    if problem is not None:
        fail(problem, code=ExitCode.NO)
    echo(done)
