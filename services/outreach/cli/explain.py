"""`outreach explain` and `export`: why a touch was sent or not, and all that is kept about a person."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from foundation.clock import parse_instant
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from outreach.cli.shared import guidance_in_force, on_database
from outreach.desk.ask import PersonStory, WhatIf, tell_stories, what_if
from outreach.desk.explanations import explanation_json, explanation_lines
from outreach.desk.export import export_person
from outreach.guidance.files.folder import read_guidance
from outreach.guidance.trying.replay import read_situation
from outreach.policy.explanation import explain as explain_situation
from outreach.store import operations


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

    async def ask(database: Database) -> tuple[list[PersonStory], list[str]]:
        async with database.transaction() as connection:
            stories = await tell_stories(connection, **_named(subject))
            last = stories[0].decisions[-1:] if len(stories) == 1 else []
            content = await operations.find_content_of_policy(connection, last[0].policy) if last else None
        if not last or content is None:
            return stories, []
        policy = read_guidance(content).policy
        return stories, list(explanation_lines(explain_situation(read_situation(last[0].situation), policy)))

    stories, grounds = on_database(ask)
    if not stories:
        fail(f"nothing is planned or was sent for {subject}", code=ExitCode.NO)
    if as_json:
        print_json([_story_json(story) for story in stories])
        return
    for story in stories:
        _print_story(story)
    if grounds:
        typer.echo("\nThe last decision as it was made, rule by rule:")
    for line in grounds:
        typer.echo(f"  {line}")


def _explain_at(subject: str, at: datetime, *, as_json: bool) -> None:
    async def ask(database: Database) -> list[WhatIf]:
        guidance = await guidance_in_force(database)
        return await what_if(database, **_named(subject), policy=guidance.policy, at=at)

    answers = on_database(ask)
    if not answers:
        fail(f"nothing is planned or was sent for {subject}", code=ExitCode.NO)
    if as_json:
        described = [
            {
                "touch_id": str(answer.touch.touch_id),
                "channel": answer.channel,
                **explanation_json(answer.explanation),
            }
            for answer in answers
        ]
        print_json(described)
        return
    for answer in answers:
        typer.echo(
            f"{answer.touch.play} {answer.touch.occasion} by {answer.channel}  ({answer.touch.touch_id})"
        )
        for line in explanation_lines(answer.explanation):
            typer.echo(f"  {line}")


def export(
    person: Annotated[str, typer.Option("--person", help="The person's id.")],
) -> None:
    """Print the whole story of one person as JSON: for them, or for a regulator."""

    async def ask(database: Database) -> dict[str, Any] | None:
        async with database.transaction() as connection:
            return await export_person(connection, person)

    story = on_database(ask)
    if story is None:
        fail(f"nobody of the id {person} is known", code=ExitCode.NO)
    typer.echo(msgspec.json.format(msgspec.json.encode(story), indent=2).decode())


def _named(subject: str) -> dict[str, Any]:
    try:
        return {"person_id": None, "touch_id": UUID(subject)}
    except ValueError:
        return {"person_id": subject, "touch_id": None}


def _print_story(story: PersonStory) -> None:
    touch = story.touch
    head = f"{touch.play} {touch.occasion}  {touch.status}" + (f" ({touch.reason})" if touch.reason else "")
    typer.echo(f"\n{head}\n  touch {touch.touch_id}, planned for {touch.planned_for:%Y-%m-%d %H:%M}Z")
    if touch.until is not None:
        typer.echo(f"  next permitted {touch.until:%Y-%m-%d %H:%M}Z, tried at {touch.due_at:%Y-%m-%d %H:%M}Z")
    if story.decisions:
        table = Table("decided at", "channel", "decision", "reasons", "until", "policy")
        for decision in story.decisions:
            until = f"{decision.until:%Y-%m-%d %H:%M}Z" if decision.until else ""
            table.add_row(
                f"{decision.decided_at:%Y-%m-%d %H:%M:%S}Z",
                decision.channel,
                decision.decision,
                ", ".join(decision.reasons),
                until,
                decision.policy[:12],
            )
        Console().print(table)
    for attempt in story.attempts:
        called = f"called at {attempt.called_at:%Y-%m-%d %H:%M:%S}Z" if attempt.called_at else "never called"
        last = attempt.receipt or attempt.outcome or "not settled"
        typer.echo(f"  attempt {attempt.attempt_id} by {attempt.channel}: {called}, {last}")


def _story_json(story: PersonStory) -> dict[str, Any]:
    return {
        "touch": msgspec.to_builtins(story.touch),
        "decisions": [
            {
                **msgspec.to_builtins(decision),
                "situation": json.loads(decision.situation),
                "answers": json.loads(decision.answers),
            }
            for decision in story.decisions
        ],
        "attempts": [
            {
                key: value
                for key, value in msgspec.to_builtins(attempt).items()
                if key not in ("message", "address")
            }
            for attempt in story.attempts
        ],
    }
