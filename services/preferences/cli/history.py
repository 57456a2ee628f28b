"""`preferences show`, `history` and `rebuild`: what was said about people, and what it comes to."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated

import typer

from foundation import acts
from foundation.acts import Actor
from foundation.clock import SystemClock, parse_instant
from foundation.command_line import AsJson, ExitCode, print_json, print_table
from foundation.database import Database
from foundation.terminal import echo
from preferences.cli.shared import as_operator, asking_about, on_database
from preferences.desk.history import History, read_history
from preferences.ledger import rebuild as rebuilding
from preferences.store import people

PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]
At = Annotated[
    datetime | None,
    typer.Option(parser=parse_instant, metavar="INSTANT", help="As of 2026-03-02T22:30Z; else now."),
]


def show(person_id: PersonId, *, at: At = None) -> None:
    """Show what is known of a person, as `people.v1` would carry it, now or as of an instant."""
    print_json(_read(person_id, at, act="show").snapshot)


def history(person_id: PersonId, *, at: At = None, as_json: AsJson = False) -> None:
    """List what was said about a person: what, by whom, how, when it happened and when it was heard."""
    entries = _read(person_id, at, act="history").entries
    if as_json:
        print_json(entries)
        return
    print_table(
        ["entry", "heard", "happened", "what", "by", "way", "written by", "evidence", "about"],
        [
            (
                entry.number,
                entry.heard_at.isoformat(timespec="seconds"),
                entry.happened_at.isoformat(timespec="seconds"),
                entry.type,
                f"{entry.said_by} {entry.speaker}" if entry.speaker else entry.said_by,
                entry.way,
                entry.caller,
                ", ".join(f"{proof['kind']} {proof['reference']}" for proof in entry.evidence) or "-",
                entry.scope,
            )
            for entry in entries
        ],
    )


def duplicates(
    *, limit: Annotated[int, typer.Option(min=1, max=100_000)] = 1000, as_json: AsJson = False
) -> None:
    """List people who share a number or an email address: one person under two ids, or a household.

    The addresses themselves are not shown; `show PERSON` tells them.
    """

    async def find(database: Database) -> list[Sequence[str]]:
        async with database.reading() as connection:
            return await people.list_shared_addresses(connection, limit=limit)

    found = list(dict.fromkeys(tuple(group) for group in on_database(find)))
    if as_json:
        print_json(found)
        return
    for group in found:
        echo(" ".join(group))


def rebuild(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; end with 1 if anybody differs.")
    ] = False,
) -> None:
    """Draw everybody again from the ledger, and publish whoever differs from what it says."""

    async def compare(database: Database) -> list[str]:
        return await _shown(rebuilding.differing(database=database, clock=SystemClock()), check=True)

    async def draw(database: Database, actor: Actor) -> list[str]:
        await acts.record_alone(database, actor, "rebuild")
        return await _shown(rebuilding.rebuild(database=database, clock=SystemClock()), check=False)

    found = on_database(compare) if check else as_operator(draw)
    if not found:
        echo("everybody is what the ledger makes of them")
    elif check:
        raise typer.Exit(ExitCode.NO)


async def _shown(pages: AsyncIterator[list[str]], *, check: bool) -> list[str]:
    found: list[str] = []
    async for page in pages:
        for person_id in page:
            echo(f"{person_id} {'differs from the ledger' if check else 'was drawn again'}")
        found += page
    return found


def _read(person_id: str, at: datetime | None, *, act: str) -> History:
    async def read(database: Database) -> History:
        async with database.reading() as connection:
            return await read_history(connection, person_id, at=at or SystemClock().now())

    return asking_about(person_id, act, read)
