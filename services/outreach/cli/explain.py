"""`outreach explain` and `export`: why a touch was sent or not, and all that is kept about a person."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import typer

from foundation.bundle import write_or_exit
from foundation.clock import SystemClock, parse_instant
from foundation.command_line import AsJson, ExitCode, fail, load_or_exit, print_json, print_table
from foundation.database import Database
from foundation.terminal import echo
from outreach.cli.shared import asking_about, find_guidance, guidance_in_force
from outreach.config import StoreConfig
from outreach.desk.ask import PersonStory, WhatIf
from outreach.desk.explanations import explanation_lines
from outreach.desk.export import export_person
from outreach.desk.known_ids import UnknownId, refuse_unknown_id
from outreach.desk.stories import ToldSubject, ask_subject, story_json, tell_subject, what_if_json
from outreach.store.decisions import StoredDecision

T = TypeVar("T")


def explain(
    subject: Annotated[str, typer.Argument(metavar="PERSON|TOUCH", help="A person's or a touch's id.")],
    at: Annotated[
        datetime | None,
        typer.Option(parser=parse_instant, metavar="INSTANT", help="Ask as of 2026-03-02T22:30Z."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what was decided of a touch, or of all of a person's, and why.

    Of one touch, the last decision is told rule by rule, by the policy and the facts of that time.
    With --at, what the policy in force would say at that instant with what is known now.
    """
    if at is not None:
        _explain_at(subject, at, as_json=as_json)
        return
    history = _tell(subject)
    if as_json:
        print_json(
            [
                story_json(
                    story,
                    obstacle=history.obstacle,
                    other_ids=history.other_ids,
                    outlook=history.outlooks.get(story.touch.touch_id, ()),
                    full=history.full,
                )
                for story in history.stories
            ]
        )
        return
    if history.other_ids:
        echo(
            f"{subject} is one person with {', '.join(history.other_ids)}: what closes one of these ids"
            " closes all of them, and contacts under any of them count together"
        )
    for story in history.stories:
        _print_story(story, history.outlooks.get(story.touch.touch_id, ()))
    if history.last_decision is not None:
        echo("", "The last decision as it was made, rule by rule:")
        for line in explanation_lines(history.last_decision):
            echo(f"  {line}")
    for line in _held_back(history):
        echo("", line)


def _tell(subject: str) -> ToldSubject:
    limits = load_or_exit(StoreConfig).dispatch.obstacle_limits

    async def tell(database: Database) -> ToldSubject:
        guidance = await find_guidance(database)
        told = await tell_subject(
            subject,
            database=database,
            limits=limits,
            now=SystemClock().now(),
            policy=None if guidance is None else guidance.policy,
        )
        if not told.stories:
            await refuse_unknown_id(subject, database=database)
        return told

    history = _ask_or_exit(subject, tell)
    if not history.stories:
        _fail_with_nothing(subject)
    return history


def _held_back(history: ToldSubject) -> Iterator[str]:
    """Yield what holds messages back, whatever the policy says."""
    for full in history.full:
        yield f"An hourly cap: {full}"
    for erasing in history.erasing:
        yield f"Nothing is sent to them: {erasing}"
    if history.obstacle is not None:
        yield f"Nothing is sent to anybody now: {history.obstacle}"


def _explain_at(subject: str, at: datetime, *, as_json: bool) -> None:
    async def ask(database: Database) -> list[WhatIf]:
        guidance = await guidance_in_force(database)
        answers = await ask_subject(subject, policy=guidance.policy, at=at, database=database)
        if not answers:
            await refuse_unknown_id(subject, database=database)
        return answers

    answers = _ask_or_exit(subject, ask)
    if not answers:
        _fail_with_nothing(subject)
    if as_json:
        print_json([what_if_json(answer) for answer in answers])
        return
    for answer in answers:
        touch = answer.touch
        echo(f"{touch.play} {touch.occasion} by {answer.channel}  ({touch.touch_id})")
        for line in explanation_lines(answer.explanation):
            echo(f"  {line}")


def export(
    person: Annotated[str, typer.Option("--person", help="The person's id.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Write it there, as JSON and to be read.")
    ] = None,
) -> None:
    """Print the whole story of one person as JSON: for them, or for a regulator."""

    async def ask(database: Database) -> dict[str, Any] | None:
        async with database.transaction() as connection:
            return await export_person(connection, person)

    story = asking_about(person, "export", ask)
    if story is None:
        fail(f"nobody of the id {person} is known", code=ExitCode.NO)
    if to is None:
        print_json(story)
        return
    about = "What the service keeps of you that writes to you: what was decided, sent and answered, and why."
    write_or_exit(to, name="outreach", about=about, story=story)


def _ask_or_exit(subject: str, ask: Callable[[Database], Awaitable[T]]) -> T:
    try:
        return asking_about(subject, "explain", ask)
    except UnknownId as error:
        fail(error if not _is_touch(subject) else f"no touch has the id {subject}", code=ExitCode.NO)


def _is_touch(subject: str) -> bool:
    try:
        UUID(subject)
    except ValueError:
        return False
    return True


def _fail_with_nothing(subject: str) -> NoReturn:
    fail(f"nothing is planned or was sent for {subject}", code=ExitCode.NO)


def _print_story(story: PersonStory, outlook: Sequence[str]) -> None:
    touch = story.touch
    head = f"{touch.play} {touch.occasion}  {touch.status}" + (f" ({touch.reason})" if touch.reason else "")
    echo("", head, f"  touch {touch.touch_id}, planned for {touch.planned_for:%Y-%m-%d %H:%M}Z")
    if touch.until is not None:
        echo(f"  next permitted {touch.until:%Y-%m-%d %H:%M}Z, tried at {touch.due_at:%Y-%m-%d %H:%M}Z")
    for line in outlook:
        echo(f"  {line}")
    if story.decisions:
        names = ("decided at", "channel", "decision", "reasons", "until", "policy")
        print_table(names, map(_row, story.decisions), indent=2)
    for attempt in story.attempts:
        called = f"called at {attempt.called_at:%Y-%m-%d %H:%M:%S}Z" if attempt.called_at else "never called"
        last = attempt.receipt or attempt.outcome or "not settled"
        echo(f"  attempt {attempt.attempt_id} by {attempt.channel}: {called}, {last}")


def _row(decision: StoredDecision) -> tuple[str, ...]:
    return (
        f"{decision.decided_at:%Y-%m-%d %H:%M:%S}Z",
        decision.channel,
        decision.decision,
        ", ".join(decision.reasons),
        f"{decision.until:%Y-%m-%d %H:%M}Z" if decision.until else "",
        decision.policy[:12],
    )
