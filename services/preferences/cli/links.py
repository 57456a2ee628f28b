"""`preferences links`: links to the preference center taken back, and light checks that are locked."""

from typing import Annotated

import typer

from foundation import acts
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json, print_table
from foundation.database import Database
from foundation.terminal import echo
from preferences.center.revoking import revoke_links
from preferences.cli.history import PersonId
from preferences.cli.shared import as_operator, on_database
from preferences.store import light_checks
from preferences.store.light_checks import LockedOut

cli = typer.Typer(no_args_is_help=True, help="Links to the preference center.")


@cli.command()
def revoke(person_id: PersonId) -> None:
    """Have no link work that was written for a person until now, as where a phone was lost."""
    as_operator(
        lambda database, actor: revoke_links(person_id, actor=actor, database=database, clock=SystemClock())
    )
    echo(f"links that were written for {person_id} work no more; the next message carries a new one")


@cli.command("locked")
def list_locked(
    *, limit: Annotated[int, typer.Option(min=1, max=100_000)] = 1000, as_json: AsJson = False
) -> None:
    """List whose light check is locked, after five wrong answers in a row, and until when."""

    async def find(database: Database) -> list[LockedOut]:
        async with database.reading() as connection:
            return await light_checks.list_locked(connection, now=SystemClock().now(), limit=limit)

    locked = on_database(find)
    if as_json:
        print_json(locked)
        return
    print_table(
        ["person", "wrong answers", "last", "until"],
        [
            (
                one.person_id,
                str(one.wrong),
                one.last_at.isoformat(timespec="seconds"),
                one.closed_until.isoformat(timespec="seconds"),
            )
            for one in locked
        ],
    )


@cli.command()
def unlock(person_id: PersonId) -> None:
    """Let somebody try the light check again, whom you know to be the person."""

    async def work(database: Database, actor: Actor) -> bool:
        async with database.transaction() as connection:
            forgotten = await light_checks.forget_count(connection, person_id)
            if forgotten:
                now = SystemClock().now()
                await acts.record(connection, actor, "unlock the light check", subject=person_id, now=now)
        return forgotten

    if not as_operator(work):
        fail(f"no wrong answers are counted for {person_id}", code=ExitCode.NO)
    echo(f"{person_id} may try the light check again")
