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
from outreach.cli.shared import as_operator, find_guidance, on_database, refuse_name
from outreach.desk.brakes import Cancellation, Held, NoSuchName, cancel_touch, list_held, pause, resume
from outreach.model.pause import Pause
from outreach.model.words import Channel

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
        refuse_name(error, "nothing is paused")
    echo(f"paused: {_messages(held)}")
    echo("`outreach resume` with the same options ends it")


def resume_touches(
    creditor: Creditor = None,
    play: Play = None,
    channel: OfChannel = None,
    spread: Annotated[int, typer.Option(min=0, help="Minutes over which to spread what waited.")] = 30,
    *,
    reason: Reason = None,
) -> None:
    """End a pause; what waited is spread, so that nobody's phone is part of a flood."""

    async def work(database: Database, actor: Actor) -> Held | None:
        return await resume(
            creditor=creditor,
            play=play,
            channel=channel,
            spread=timedelta(minutes=spread),
            actor=actor,
            reason=reason,
            guidance=await find_guidance(database),
            database=database,
            clock=SystemClock(),
        )

    try:
        held = as_operator(work)
    except NoSuchName as error:
        refuse_name(error, "nothing is resumed")
    if held is None:
        fail("no such pause; `outreach pauses` lists each with the options that end it", code=ExitCode.NO)
    echo(f"resumed: {_messages(held)}")


def pauses() -> None:
    """List what is paused, since when, by whom and what it holds; the volume brake is one of them."""

    async def work(database: Database) -> Sequence[tuple[Pause, Held]]:
        return await list_held(database=database, clock=SystemClock())

    stops = on_database(work)
    for stop, held in stops:
        words = (
            ("creditor", stop.creditor),
            ("play", stop.play),
            ("channel", stop.channel),
        )
        narrowed = " ".join(f"--{name} {word}" for name, word in words if word) or "everything"
        since = f"since {stop.paused_at:%Y-%m-%d %H:%M:%SZ}"
        echo(f"{narrowed}  {since}  by {stop.paused_by}  {_messages(held)}")
    if not stops:
        echo("nothing is paused")


def _parse_touch(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text} is no touch's id; `outreach explain PERSON` names those of somebody"
        ) from None


def cancel(
    touch: Annotated[UUID, typer.Argument(parser=_parse_touch, help="The touch's id.")],
    *,
    reason: Reason = None,
) -> None:
    """Cancel one touch for good, unless it is being sent."""

    async def work(database: Database, actor: Actor) -> Cancellation:
        return await cancel_touch(touch, actor=actor, reason=reason, database=database, clock=SystemClock())

    cancellation = as_operator(work)
    if cancellation.status is None:
        fail(
            "not cancelled: no touch has this id; `outreach explain PERSON` names those of somebody",
            code=ExitCode.NO,
        )
    if not cancellation.done:
        fail(f"not cancelled: it is past that ({cancellation.status})", code=ExitCode.NO)
    echo("cancelled")


def _messages(held: Held) -> str:
    return f"{held.messages} unsent message{'' if held.messages == 1 else 's'}, {held.due} due within a day"
