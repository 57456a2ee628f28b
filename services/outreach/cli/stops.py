"""`outreach stop`, `unstop`: stops told by phone or letter, and those that were recorded by mistake."""

from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import ExitCode, fail, print_table
from foundation.database import Database
from foundation.terminal import echo
from outreach.cli.shared import as_operator, on_database
from outreach.desk.stopping import (
    NotReached,
    Stop,
    UnknownSubject,
    list_stops,
    mark_mistaken,
    may_stand_at_vendor,
    why_it_stays,
)
from outreach.desk.stopping import stop as record_stop
from outreach.model.words import Channel
from outreach.store.suppressions import StandingStop


def stop(
    subject: Annotated[str, typer.Argument(metavar="PERSON|ADDRESS", help="A person's id, number or email.")],
    channel: Annotated[list[Channel] | None, typer.Option(help="Only this; left out: all of them.")] = None,
) -> None:
    """Record a stop that was told by phone or letter: it binds at once."""
    if not subject.strip():
        fail("say whom: a person's id, a number or an email address")

    async def work(database: Database, actor: Actor) -> Stop:
        return await record_stop(
            subject,
            channels=channel or (),
            actor=actor,
            database=database,
            clock=SystemClock(),
        )

    try:
        stopped = as_operator(work)
    except NotReached as error:
        fail(f"no {error.channel} goes to {subject}: it was not closed there")
    except UnknownSubject as error:
        if error.lacks_country:
            fail(
                f"nobody of the id {subject} is known; write a number with its country: +1 303 555 0138 as"
                " +13035550138"
            )
        fail(f"nobody of the id {subject} is known, and it is no number or email address", code=ExitCode.NO)
    closed = ", ".join(stopped.channels)
    whom = ", ".join(stopped.people) or "nobody known; whoever gets this address is not written to there"
    echo(f"closed {closed} for {whom}")


def unstop(
    subject: Annotated[
        str, typer.Argument(metavar="PERSON|ADDRESS|STOP", help="Whose stop it is, or the stop's own id.")
    ],
    why: Annotated[str, typer.Option(help="Why it was a mistake.")],
    evidence: Annotated[str, typer.Option(help="Where that can be looked up: a call, a letter, a ticket.")],
    *,
    every: Annotated[bool, typer.Option("--all", help="All that stand, where there are several.")] = False,
) -> None:
    """Mark a stop as recorded by mistake. It stays on record, with who, why and the evidence."""
    if not why.strip() or not evidence.strip():
        fail("say why it was a mistake, and where that can be looked up")
    if not subject.strip():
        fail("say whose stop: a person's id, a number, an email address, or the stop's own id")
    found = on_database(lambda database: list_stops(subject, database=database))
    if not found:
        fail(f"no stop stands for {subject} that was recorded here", code=ExitCode.NO)
    if not any(stop.may_be_mistaken for stop in found):
        fail(*_staying(found), code=ExitCode.NO)
    if len(found) > 1 and not every:
        _ask_which(found)

    async def work(database: Database, actor: Actor) -> Sequence[str]:
        return await mark_mistaken(
            found,
            actor=actor,
            why=why,
            evidence=evidence,
            database=database,
            clock=SystemClock(),
        )

    marked = as_operator(work)
    opened = [stop for stop in found if stop.suppression_id in marked]
    if not opened:
        fail("none of them stands any more: somebody was faster", code=ExitCode.NO)
    _print_opened(opened, staying=_staying(found))


def _ask_which(stops: Sequence[StandingStop]) -> NoReturn:
    """List what can be undone, and apart from it what cannot, for whoever names one."""
    echo("several stops stand; name the one that was a mistake, or say --all:")
    offered = [_stop_row(stop) for stop in stops if stop.may_be_mistaken]
    print_table(("stop", "channel", "kind", "came by", "heard"), offered, indent=2)
    for line in _staying(stops):
        echo(line)
    raise typer.Exit(ExitCode.NO)


def _print_opened(opened: Sequence[StandingStop], *, staying: Sequence[str]) -> None:
    for stop in opened:
        echo(f"{_stop_words(stop)}: marked as recorded by mistake; it binds nobody any more")
    for line in staying:
        echo(line)
    if any(may_stand_at_vendor(stop) for stop in opened):
        echo(
            "if it was a text such as STOP, the vendor of texts may keep it as well, and refuse texts to"
            " them until they text START"
        )


def _staying(stops: Sequence[StandingStop]) -> list[str]:
    """Say of each of these stops that cannot be undone why, and what opens it."""
    return [
        f"{_stop_words(stop)}: stays closed; {why}"
        for stop in stops
        if (why := why_it_stays(stop)) is not None
    ]


def _stop_words(stop: StandingStop) -> str:
    return f"{stop.channel} ({stop.kind}), stop {stop.suppression_id}"


def _stop_row(stop: StandingStop) -> tuple[str, ...]:
    return (stop.suppression_id, stop.channel, stop.kind, stop.origin, f"{stop.heard_at:%Y-%m-%d %H:%M}Z")
