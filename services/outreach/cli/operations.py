"""`outreach pause`, `resume`, `pauses`, `cancel`, `release`: the brakes in the hands of operations staff."""

import getpass
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from foundation.clock import SystemClock
from foundation.command_line import ExitCode, fail
from foundation.database import Database
from outreach.cli.shared import find_guidance, on_database
from outreach.desk.brakes import Held, NoSuchName, cancel_touch, pause, release_person, resume
from outreach.guidance.files.nearest import did_you_mean
from outreach.model.pause import Pause
from outreach.model.words import Channel
from outreach.store import operations

Creditor = Annotated[str | None, typer.Option(help="Only touches about this creditor's debts.")]
Play = Annotated[str | None, typer.Option(help="Only touches of this play.")]
OfChannel = Annotated[Channel | None, typer.Option("--channel", help="Only this channel.")]


def pause_touches(creditor: Creditor = None, play: Play = None, channel: OfChannel = None) -> None:
    """Hold back everything, or what the options narrow it to. What is being called ends first."""

    async def work(database: Database) -> Held:
        return await pause(
            creditor=creditor,
            play=play,
            channel=channel,
            by=getpass.getuser(),
            guidance=await find_guidance(database),
            database=database,
            clock=SystemClock(),
        )

    try:
        held = on_database(work)
    except NoSuchName as error:
        fix = did_you_mean(error.name, error.known, otherwise="`outreach check` counts those there are")
        fail(f"nothing is paused: no {error.what} is called `{error.name}`; {fix}", code=ExitCode.NO)
    messages = f"{held.messages} unsent message{'' if held.messages == 1 else 's'}"
    typer.echo(f"paused: {messages}, {held.due} due within a day")
    typer.echo("`outreach resume` with the same options ends it")


def resume_touches(
    creditor: Creditor = None,
    play: Play = None,
    channel: OfChannel = None,
    spread: Annotated[int, typer.Option(help="Minutes over which to spread what waited.")] = 30,
) -> None:
    """End a pause; what waited is spread, so that nobody's phone is part of a flood."""

    async def work(database: Database) -> int:
        return await resume(
            creditor=creditor,
            play=play,
            channel=channel,
            spread=timedelta(minutes=spread),
            database=database,
            clock=SystemClock(),
        )

    if on_database(work) == 0:
        fail("no such pause; `outreach pauses` lists each with the options that end it", code=ExitCode.NO)
    typer.echo("resumed")


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
        typer.echo(f"{narrowed}  since {stop.paused_at:%Y-%m-%d %H:%M:%SZ}  by {stop.paused_by}")
    if not stops:
        typer.echo("nothing is paused")


def cancel(touch: Annotated[UUID, typer.Argument(help="The touch's id.")]) -> None:
    """Cancel one touch for good, unless it is being sent."""

    async def work(database: Database) -> bool:
        return await cancel_touch(touch, database=database, clock=SystemClock())

    if not on_database(work):
        fail("not cancelled: there is no such touch, or it is past that", code=ExitCode.NO)
    typer.echo("cancelled")


def release(person: Annotated[str, typer.Argument(help="The person's id.")]) -> None:
    """Let automation go on for a person whom a human has answered."""

    async def work(database: Database) -> int:
        return await release_person(person, by=getpass.getuser(), database=database, clock=SystemClock())

    if on_database(work) == 0:
        fail("nothing was waiting for a human", code=ExitCode.NO)
    typer.echo("released")
