"""`outreach playbook diff`: what a change of playbook and wordings would do, before it does."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from foundation.terminal import echo
from outreach.cli.shared import on_database
from outreach.desk.known_names import list_known_names, refuse_unknown_names
from outreach.desk.planned_lives import lives_of_events, stored_lives
from outreach.desk.playbook_diff import playbook_diff_json, playbook_diff_lines
from outreach.desk.replayed import read_events
from outreach.guidance.files.folder import Folder, guidance_of, read_folder, understand
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.trying.folder_comparison import compare_folders
from outreach.guidance.trying.plan_comparison import PlanDifference, PlannedLife, compare_plans
from outreach.model.playbook import Playbook


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A config folder.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Another.")],
    *,
    stored: Annotated[bool, typer.Option("--stored", help="Plan the debts in the database by both.")] = False,
    events: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Plan the debts of a file of events by both, as they are heard."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whose touches appear, vanish, move or say something else, and show changed words side by side.

    Nothing is written or sent. Exits with 0 if the files are the same, with 1 if they are not, and with 2
    if one cannot be read.
    """
    if stored and events is not None:
        fail("name one of --stored and --events FILE")
    try:
        before, after = _folder(old), _folder(new)
        known = on_database(list_known_names) if stored else None
        refuse_unknown_names(after, known=known, now=SystemClock().now())
        folders = compare_folders(before, after)
        plans = None
        if stored or events is not None:
            plans = _plans(guidance_of(before).playbook, guidance_of(after).playbook, events=events)
    except ConfigError as error:
        fail(*error.problems)
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}")
    if as_json:
        print_json(playbook_diff_json(folders, plans))
    else:
        for line in playbook_diff_lines(folders, plans):
            echo(line)
    raise typer.Exit(ExitCode.NO if folders.files else ExitCode.DONE)


def _folder(path: Path) -> Folder:
    """Read a folder that can be put in force; of one that cannot, whatever it says may mislead.

    Raises:
        ConfigError: it is no folder, or something in it cannot be used.
    """
    if not path.is_dir():
        raise ConfigError([Finding(file=str(path), message="there is no such folder")])
    folder = understand(read_folder(path))
    guidance_of(folder)
    return folder


def _plans(before: Playbook, after: Playbook, *, events: Path | None) -> PlanDifference:
    now = SystemClock().now()
    if events is not None:
        return compare_plans(before, after, lives_of_events(read_events(events, now=now)))

    async def work(database: Database) -> list[PlannedLife]:
        return await stored_lives(database, before=before, after=after, now=now)

    return compare_plans(before, after, on_database(work))
