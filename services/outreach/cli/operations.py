"""`outreach pause`, `resume`, `pauses`, `cancel`: the brakes in the hands of operations staff."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import ExitCode, fail
from foundation.database import Database
from foundation.terminal import echo
from outreach.cli.shared import as_operator, find_guidance, on_database
from outreach.desk.brakes import Held, NoSuchName, cancel_touch, pause, resume
from outreach.guidance.files.nearest import did_you_mean
from outreach.model.pause import Pause
from outreach.model.words import Channel
from outreach.store import operations

Creditor = Annotated[str | None, typer.Option(help="Only touches about this creditor's debts.")]
Play = Annotated[str | None, typer.Option(help="Only touches of this play.")]
Reason = Annotated[str | None, typer.Option(help="Why, for whoever asks later: `outreach acts`.")]
OfChannel = Annotated[Channel | None, typer.Option("--channel", help="Only this channel.")]


def pause_touches(
    creditor: Creditor = None, play: Play = None, channel: OfChannel = None, *, reason: Reason = None
) -> None:
    """Hold back everything, or what the options narrow it to. What is being called ends first."""

    async def work(database: Database, actor: Actor) -> Held:
        return await pause(
            creditor=creditor,
            play=play,
            channel=channel,
            actor=actor,
            reason=reason,
            guidance=await find_guidance(database),
            database=database,
            clock=SystemClock(),
        )

    try:
        held = as_operator(work)
    except NoSuchName as error:
        fix = did_you_mean(error.name, error.known, otherwise="`outreach check` counts those there are")
        fail(f"nothing is paused: no {error.what} is called `{error.name}`; {fix}", code=ExitCode.NO)
    messages = f"{held.messages} unsent message{'' if held.messages == 1 else 's'}"
    echo(f"paused: {messages}, {held.due} due within a day")
    echo("`outreach resume` with the same options ends it")


def resume_touches(
    creditor: Creditor = None,
    play: Play = None,
    channel: OfChannel = None,
    spread: Annotated[int, typer.Option(help="Minutes over which to spread what waited.")] = 30,
    *,
    reason: Reason = None,
) -> None:
    """End a pause; what waited is spread, so that nobody's phone is part of a flood."""

    async def work(database: Database, actor: Actor) -> int:
        return await resume(
            creditor=creditor,
            play=play,
            channel=channel,
            spread=timedelta(minutes=spread),
            actor=actor,
            reason=reason,
            database=database,
            clock=SystemClock(),
        )

    if as_operator(work) == 0:
        fail("no such pause; `outreach pauses` lists each with the options that end it", code=ExitCode.NO)
    echo("resumed")


def pauses() -> None:
    """List what is paused, since when and by whom; the volume brake is one of them."""

    async def work(database: Database) -> Sequence[Pause]:
        async with database.transaction() as connection:
            return await operations.list_pauses(connection)

    stops = on_database(work)
    for stop in stops:
        words = (
            ("creditor", stop.creditor),
            ("play", stop.play),
            ("channel", stop.channel),
        )
        narrowed = " ".join(f"--{name} {word}" for name, word in words if word) or "everything"
        echo(f"{narrowed}  since {stop.paused_at:%Y-%m-%d %H:%M:%SZ}  by {stop.paused_by}")
    if not stops:
        echo("nothing is paused")


def cancel(touch: Annotated[UUID, typer.Argument(help="The touch's id.")], *, reason: Reason = None) -> None:
    """Cancel one touch for good, unless it is being sent."""

    async def work(database: Database, actor: Actor) -> bool:
        return await cancel_touch(touch, actor=actor, reason=reason, database=database, clock=SystemClock())

    if not as_operator(work):
        fail("not cancelled: there is no such touch, or it is past that", code=ExitCode.NO)
    echo("cancelled")
