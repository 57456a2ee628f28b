"""`outreach erasures`: who is to be erased and waits, and what is or was held here of one person."""

from collections.abc import Mapping
from typing import Annotated

import typer

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json, print_table
from foundation.database import Database
from foundation.terminal import echo
from outreach.cli.shared import asking_about
from outreach.desk.erasures import PersonHeld, WaitingErasure, list_waiting_erasures, look_at_person


def erasures(
    person: Annotated[str | None, typer.Argument(help="One person's id; left out: who waits.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List whose erasure waits for what forbids it here; of one person what is held, or was."""
    if person is None:
        _show_waiting(asking_about(None, "erasures", _list), as_json=as_json)
        return

    async def look(database: Database) -> PersonHeld | None:
        async with database.reading() as connection:
            return await look_at_person(connection, person, clock=SystemClock())

    found = asking_about(person, "erasures", look)
    if found is None:
        fail(f"outreach knows nobody by the id {person}", code=ExitCode.NO)
    if as_json:
        print_json(found)
    else:
        _show_person(found)


async def _list(database: Database) -> list[WaitingErasure]:
    return await list_waiting_erasures(database, SystemClock())


def _show_waiting(waiting: list[WaitingErasure], *, as_json: bool) -> None:
    if as_json:
        print_json(waiting)
    elif not waiting:
        echo("no erasure waits")
    else:
        rows = [
            (f"{one.erased_at:%Y-%m-%d %H:%M}Z", one.person_id, why)
            for one in waiting
            for why in one.forbids or ("nothing any more: it follows within a minute",)
        ]
        print_table(("to be erased since", "person", "waits for"), rows)


def _show_person(found: PersonHeld) -> None:
    if found.erased_at is not None:
        echo(f"erased: said on {found.erased_at:%Y-%m-%d %H:%M}Z, done here")
        if found.returned_at is not None:
            echo(f"back since {found.returned_at:%Y-%m-%d %H:%M}Z: a new relationship has begun")
        if found.went is not None:
            echo(f"held then: {_counts(found.went)}")
    if found.waits_since is not None:
        echo(f"to be erased since {found.waits_since:%Y-%m-%d %H:%M}Z: waits, and nothing is sent meanwhile")
    echo(f"held: {_counts(found.held)}")
    for why in found.forbids:
        echo(f"forbids an erasure: {why}")


def _counts(held: Mapping[str, int]) -> str:
    named = [f"{count} {name.replace('_', ' ')}" for name, count in held.items() if count]
    return ", ".join(named) or "nothing"
