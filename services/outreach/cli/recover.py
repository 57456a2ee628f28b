"""`outreach recover`: how far a restored database is, and the word of whoever goes on without the rest."""

from typing import Annotated

import typer

from foundation import acts, recovery
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from foundation.recovery import Recovery
from outreach.cli.shared import as_operator, on_database

AcceptLoss = Annotated[
    bool,
    typer.Option(
        "--accept-loss",
        help="Send again, though what was sent since the backup is not known. Recorded with your name.",
    ),
]


def recover(*, accept_loss: AcceptLoss = False, as_json: AsJson = False) -> None:
    """Show what a restored database has yet to read; nothing is sent until it has, and you say so."""
    if accept_loss:
        _accept()
        return
    gaps = on_database(_list)
    if as_json:
        print_json([_progress(gap) for gap in gaps])
        return
    for gap in gaps:
        read = f"read from {gap.stood} to {gap.stands} of {gap.committed}, {gap.missing} missing"
        typer.echo(f"{gap.topic}/{gap.partition}  {read}  noticed {gap.noticed_at:%Y-%m-%d %H:%M:%SZ}")
    if not gaps:
        typer.echo("nothing is missing")
    elif not any(gap.missing for gap in gaps):
        typer.echo("all is read again; contacts made and stops heard since the backup are not known here,")
        typer.echo("see docs/backup-and-restore.md, then `outreach recover --accept-loss`")


def _accept() -> None:
    async def work(database: Database, actor: Actor) -> tuple[int, list[Recovery]]:
        async with database.transaction() as connection:
            now = SystemClock().now()
            accepted = await recovery.accept(connection, by=str(actor), now=now)
            if accepted:
                await acts.record(connection, actor, "recover --accept-loss", now=now)
            return accepted, await recovery.list_open(connection)

    accepted, left = as_operator(work)
    if left:
        missing = sum(gap.missing for gap in left)
        fail(f"{missing} records are yet to be read; until then nothing is sent", code=ExitCode.NO)
    typer.echo(f"accepted for {accepted} partitions: sending goes on")


async def _list(database: Database) -> list[Recovery]:
    async with database.transaction() as connection:
        return await recovery.list_open(connection)


def _progress(gap: Recovery) -> dict[str, object]:
    return {
        "topic": gap.topic,
        "partition": gap.partition,
        "stood": gap.stood,
        "stands": gap.stands,
        "committed": gap.committed,
        "missing": gap.missing,
        "noticed_at": gap.noticed_at.isoformat(),
    }
