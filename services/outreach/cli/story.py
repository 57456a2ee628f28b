"""`outreach story`: try a playbook and its words on stories, before anybody gets them."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from foundation.local.postgres import create_database, drop_database
from foundation.local.processes import ServerUnavailable
from foundation.logs import only_trouble
from foundation.migrations import migrate
from foundation.terminal import echo
from outreach.cli.shared import SHIPPED_CONFIG
from outreach.demo.demo import fresh_server
from outreach.desk.story_cases.judge import Judgment
from outreach.desk.story_cases.player import Player
from outreach.desk.story_cases.story import Story, find_repeated, read_stories
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.problems import ConfigError

#: Stories that are played beside each other.
_AT_ONCE = 3

cli = typer.Typer(no_args_is_help=True, help="Try the playbook and its words on stories.")


@cli.callback()
def story() -> None:
    """Try the playbook and its words on stories."""


@cli.command("test")
def run_stories(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of story cases.")],
    config: Annotated[
        Path, typer.Option(metavar="DIR", help="Policy, playbook and templates in force; else those shipped.")
    ] = SHIPPED_CONFIG,
    *,
    only: Annotated[str, typer.Option(metavar="ID", help="Play this story alone.")] = "",
    as_json: AsJson = False,
) -> None:
    """Play stories on a PostgreSQL of their own: one line each, then `N passed, N failed`.

    Exits with 1 if a story fails and with 2 if a file cannot be read.
    """
    try:
        content = read_folder(config)
        guidance = read_guidance(content)
        player = Player(guidance, files=content)
        plays = guidance.playbook.plays
        stories = [story for file in files for story in read_stories(file, plays=plays)]
    except ConfigError as error:
        fail(*error.problems)
    if (repeated := find_repeated(stories)) is not None:
        fail(f"{repeated}: two stories have this id")
    stories = [story for story in stories if only in ("", story.id)]
    began = time.monotonic()
    try:
        with only_trouble():
            judgments = asyncio.run(_play(stories, player))
    except ServerUnavailable as error:
        fail(error)
    failed = [judgment for judgment in judgments if judgment.complaints]
    if as_json:
        print_json(_as_json(judgments))
    else:
        for judgment in judgments:
            echo(*_lines(judgment))
        took = time.monotonic() - began
        echo(f"{len(judgments) - len(failed)} passed, {len(failed)} failed ({took:.0f} s)")
    raise typer.Exit(ExitCode.NO if failed else ExitCode.DONE)


async def _play(stories: Sequence[Story], player: Player) -> list[Judgment]:
    with fresh_server(None) as server:
        template = f"stories_{secrets.token_hex(4)}"
        await migrate(await create_database(server, template), package="outreach")
        turns = asyncio.Semaphore(_AT_ONCE)

        async def play(number: int, story: Story) -> Judgment:
            async with turns:
                name = f"{template}_{number}"
                url = await create_database(server, name, template=template)
                async with Database.open(url, size=2, name="stories") as database:
                    judgment = await player.play(story, database=database)
                await drop_database(server, name)
                return judgment

        return await asyncio.gather(*(play(number, story) for number, story in enumerate(stories)))


def _lines(judgment: Judgment) -> list[str]:
    """Say in a line that a story passed; else what was expected, and what each person was really sent."""
    story = judgment.story
    if not judgment.complaints:
        return [f"{story.id}: passed"]
    lines = [f"{story.id}: FAILED: {story.title}", *([f"    why: {story.why}"] if story.why else [])]
    lines += [f"    expected {complaint}" for complaint in judgment.complaints]
    for person_id in story.people:
        messages = [message for message in judgment.outcome.messages if message.to == person_id]
        lines.append(f"    {person_id} was sent {len(messages) or 'nothing'}{':' if messages else ''}")
        for message in messages:
            text = " ".join(message.text.split())
            lines.append(f"      {message.at:%Y-%m-%dT%H:%M:%SZ} {message.play} {message.channel}: {text}")
    return lines


def _as_json(judgments: Sequence[Judgment]) -> dict[str, object]:
    failed = sum(1 for judgment in judgments if judgment.complaints)
    return {
        "stories": [
            {
                "id": judgment.story.id,
                "passed": not judgment.complaints,
                "complaints": list(judgment.complaints),
                "sent": [
                    {
                        "to": message.to,
                        "at": f"{message.at:%Y-%m-%dT%H:%M:%SZ}",
                        "play": message.play,
                        "channel": message.channel,
                        "debts": sorted(message.debts),
                        "text": message.text,
                    }
                    for message in judgment.outcome.messages
                ],
            }
            for judgment in judgments
        ],
        "passed": len(judgments) - failed,
        "failed": failed,
    }
