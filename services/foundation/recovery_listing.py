"""What `recover` shows of a restored or lost database, and how somebody goes on without the rest."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import typer

from foundation import acts, recovery
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import ExitCode, fail, print_json, print_table
from foundation.database import Database
from foundation.recovery import Recovery
from foundation.terminal import echo

AcceptLoss = Annotated[
    bool,
    typer.Option(
        "--accept-loss",
        help="Go on, though not all of the time before is known. Recorded with your name.",
    ),
]

_WHY: Final = {
    "behind": "read before",
    "own_past": "its own past",
    "forgotten": "offsets forgotten",
    "recreated": "topic made anew",
}


async def list_open(database: Database) -> list[Recovery]:
    """Return what is missing or needs somebody's word."""
    async with database.transaction() as connection:
        return await recovery.list_open(connection)


async def accept_or_exit(database: Database, actor: Actor) -> None:
    """Go on in the name of whoever runs the command, unless records are yet to be read: then exit with 1."""
    now = SystemClock().now()
    async with database.transaction() as connection:
        accepted = await recovery.accept(connection, by=str(actor), now=now)
        if accepted:
            await acts.record(connection, actor, "recover --accept-loss", now=now)
        left = await recovery.list_open(connection)
    if left:
        missing = sum(gap.missing for gap in left)
        fail(f"{missing} records are yet to be read; until then nothing is sent", code=ExitCode.NO)
    echo(f"accepted for {accepted} partitions: sending goes on")


def print_recoveries(gaps: Sequence[Recovery], *, command: str, as_json: bool) -> None:
    """Print how far each partition is, what was found in it, and what stays unknown."""
    if as_json:
        print_json([describe_recovery(gap) for gap in gaps])
    elif not gaps:
        echo("nothing is missing")
    else:
        print_table(("partition", "why", "read", "missing", "new", "lost", "noticed at"), map(_row, gaps))
        for line in _summary(gaps, command=command):
            echo(line)


def describe_recovery(gap: Recovery) -> dict[str, object]:
    """Return where a partition stands as JSON values."""
    return {
        "group": gap.consumer_group,
        "topic": gap.topic,
        "partition": gap.partition,
        "cause": gap.cause,
        "stood": gap.stood,
        "stands": gap.stands,
        "committed": gap.committed,
        "missing": gap.missing,
        "found": gap.found,
        "lost": gap.lost,
        "keeps_from": gap.keeps_from.isoformat() if gap.keeps_from else None,
        "noticed_at": gap.noticed_at.isoformat(),
    }


def _row(gap: Recovery) -> tuple[object, ...]:
    read = f"{gap.stood} to {gap.stands} of {gap.committed}"
    # Of what others say nobody counts what is new: the inbox knows it.
    new = gap.found if gap.cause == "own_past" else "-"
    noticed = f"{gap.noticed_at:%Y-%m-%d %H:%M}Z"
    return f"{gap.topic}/{gap.partition}", _WHY[gap.cause], read, gap.missing, new, gap.lost, noticed


def _summary(gaps: Sequence[Recovery], *, command: str) -> Iterator[str]:
    missing, lost = sum(gap.missing for gap in gaps), sum(gap.lost for gap in gaps)
    if missing:
        yield f"{missing} records are yet to be read; until then nothing is sent"
    if found := sum(gap.found for gap in gaps):
        yield f"{found} things that this database had published, and lost, are known again"
    if lost:
        yield f"{lost} records are lost: {_how_long(gaps)}"
    for topic in sorted({gap.topic for gap in gaps if gap.cause == "recreated"}):
        yield f"{topic} was made anew: what it held and was not read is not known; ask its publishers"
    if not missing:
        yield "all that the topics keep is read; what staff ordered since the backup (pauses, releases,"
        yield "decisions about quarantined records) is in none: see docs/backup-and-restore.md, order it"
        yield f"again, then `{command} recover --accept-loss`"


def _how_long(gaps: Sequence[Recovery]) -> str:
    kept = [gap for gap in gaps if gap.lost and gap.keeps_from is not None]
    if not kept:
        return "the topics keep nothing of them"
    latest = max(kept, key=lambda gap: gap.keeps_from or gap.noticed_at)
    assert latest.keeps_from is not None
    days = (latest.noticed_at - latest.keeps_from).days
    return f"the topics keep the last {days} days, from {latest.keeps_from:%Y-%m-%d %H:%M}Z on"
