"""`outreach dry-run`: what plays in dry run would have sent."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json, print_table
from foundation.database import Database
from foundation.terminal import echo
from outreach.cli.shared import find_guidance, on_database
from outreach.desk.brakes import NoSuchName
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.spellings import parse_duration
from outreach.store import touches
from outreach.store.touches import DryRun


def dry_run(
    since: Annotated[str, typer.Option(metavar="7d", help="How far back to look.")] = "7d",
    play: Annotated[str | None, typer.Option(help="Only this play.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what would have been sent, had plays with `dry_run: true` not been in dry run.

    All of it was decided as if it were to go out: hours, caps and consent permitted it. `outreach explain
    TOUCH` has the decision.
    """
    try:
        span = parse_duration(since)
    except ValueError as error:
        fail(str(error))
    try:
        withheld = on_database(lambda database: _read(database, play=play, span=span))
    except NoSuchName as error:
        fix = did_you_mean(error.name, error.known, otherwise="`outreach check` counts those there are")
        fail(f"no {error.what} is called `{error.name}`; {fix}", code=ExitCode.NO)
    if as_json:
        print_json(withheld)
        return
    noun = "message" if len(withheld) == 1 else "messages"
    echo(f"{len(withheld)} {noun} would have been sent in the last {since}")
    counted = Counter((message.play, message.creditor, message.channel or "") for message in withheld)
    if counted:
        rows = [(*key, count) for key, count in sorted(counted.items())]
        print_table(["play", "creditor", "channel", "messages"], rows)
        echo()
        print_table(["at", "touch", "person", "play", "wording"], [_row(message) for message in withheld])
        echo("", "`outreach preview WORDING --as PERSON` shows what they would have read")


def _row(message: DryRun) -> tuple[object, ...]:
    at = f"{message.at:%Y-%m-%d %H:%M}Z"
    return at, message.touch_id, message.person_id, message.play, message.wording


async def _read(database: Database, *, play: str | None, span: timedelta) -> Sequence[DryRun]:
    async with database.reading() as connection:
        withheld = await touches.list_dry_runs(connection, play=play, since=SystemClock().now() - span)
    # A play that is gone may still have something to tell; one that never was has not.
    guidance = await find_guidance(database) if play is not None and not withheld else None
    if play is not None and guidance is not None and play not in guidance.playbook.plays:
        raise NoSuchName("play", play, frozenset(guidance.playbook.plays))
    return withheld
