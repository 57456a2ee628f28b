"""`outreach demo`: a fictional agency's weeks, played on the real product in a minute."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import msgspec
import typer
import uvloop
from rich.console import Console

from foundation.clock import ManualClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.console import SafeConsole
from foundation.database import Database, DatabaseUnavailable
from foundation.local.processes import ServerUnavailable
from foundation.logs import configure
from foundation.process import stop_at_signals
from outreach.audit.audit import Findings, audit, findings_as_builtins
from outreach.demo import telling
from outreach.demo.demo import BEGINS, Played, Wish, fresh_database, fresh_server, play
from outreach.demo.neighbor import preferences_on
from outreach.demo.stories import PersonStory, tell_stories
from outreach.demo.summary import Summary, summarize
from outreach.guidance.files.problems import ConfigError

#: The sample config of the repository.
_SAMPLE: Final = Path(__file__).resolve().parents[3] / "deploy" / "config"
_KEPT: Final = Path(".local") / "demo"
_PIPE_WIDTH: Final = 100

#: Tells what was played.
Report = Callable[[Summary, list[PersonStory], Findings], None]


def demo(
    *,
    people: Annotated[
        int, typer.Option(min=1, max=5000, help="How many people the agency looks after.")
    ] = 300,
    days: Annotated[int, typer.Option(min=1, max=365, help="How many days to play.")] = 42,
    seed: Annotated[int, typer.Option(help="The same seed, the same weeks.")] = 7,
    kafka: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Send the events through this Kafka.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the messages; what was in it is replaced.")] = Path(
        "demo-out"
    ),
    config: Annotated[
        Path, typer.Option(envvar="OUTREACH_CONFIG_DIR", help="Folder of policy.yaml and playbook.yaml.")
    ] = _SAMPLE,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the databases, to look into them.")] = False,
    stay: Annotated[
        bool | None,
        typer.Option(
            help="Serve people's pages on, and print a link to one, until Ctrl-C.  [default: on a terminal]",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play some weeks of a fictional agency: all is real but the people, the clock and the sending.

    Runs on DATABASE_URL, else on a PostgreSQL of its own. Exits with 1 if the audit finds a violation.
    """
    began = time.monotonic()
    console = _console(sys.stderr if as_json else sys.stdout)
    _make_room(out)
    wish = Wish(people=people, days=days, seed=seed, folder=out, config=config, kafka=kafka)
    with (out / "log.jsonl").open("w", encoding="utf-8") as log:
        configure(stream=log)

        def report(summary: Summary, stories: list[PersonStory], findings: Findings) -> None:
            seconds = time.monotonic() - began
            if as_json:
                print_json(_described(wish, summary, stories, findings, seconds))
            else:
                telling.show(console, summary, stories, findings, folder=out)
                console.print(f"{seconds:.0f} seconds", style="dim", highlight=False)

        stays = not as_json and (console.is_terminal if stay is None else stay)
        findings = _run(wish, console, report, keep=keep, quiet=as_json, stay=stays)
    raise typer.Exit(ExitCode.NO if findings.violations else ExitCode.DONE)


def _console(file: TextIO) -> Console:
    """A pipe has no width of its own, and eighty columns are few for a timeline."""
    return SafeConsole(file=file, width=None if file.isatty() else _PIPE_WIDTH)


def _make_room(out: Path) -> None:
    """Empty the folder of an earlier demo; refuse a folder that holds something else."""
    if out.exists() and any(out.iterdir()) and not (out / "log.jsonl").exists():
        fail(f"{out}: is no folder of a demo; name another with --out")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)


def _run(wish: Wish, console: Console, report: Report, *, keep: bool, quiet: bool, stay: bool) -> Findings:
    """Have the servers ready, play, and tell; what stands in the way is one clear line."""
    try:
        with ExitStack() as stack:
            server = os.environ.get("DATABASE_URL")
            if server is None:
                console.print("Starting a PostgreSQL of our own …", style="dim")
                server = stack.enter_context(fresh_server(_KEPT if keep else None))
            findings, name = uvloop.run(
                _play_and_tell(wish, server, console, report, keep=keep, quiet=quiet, stay=stay)
            )
    except ConfigError as error:
        fail(*error.problems)
    except ServerUnavailable as error:
        fail(f"PostgreSQL: {error}")
    except DatabaseUnavailable as error:
        fail(f"DATABASE_URL: {error}")
    if keep:
        console.print(f"The databases {name} are kept.", markup=False)
        if "DATABASE_URL" not in os.environ:
            console.print(f"Start it again: python -m foundation.local postgres --home {_KEPT}", markup=False)
    return findings


def _watch_nothing(_at: object, _chronicle: object) -> None:
    return None


async def _play_and_tell(
    wish: Wish, server: str, console: Console, report: Report, *, keep: bool, quiet: bool, stay: bool
) -> tuple[Findings, str]:
    clock = ManualClock(BEGINS)
    async with (
        fresh_database(server, keep=keep) as (url, name),
        fresh_database(server, keep=keep, of="preferences") as (preferences_url, preferences_name),
        Database.open(url, size=4, name="outreach-demo") as database,
        preferences_on(preferences_url)(clock) as preferences,
    ):
        with nullcontext(_watch_nothing) if quiet else telling.progress(console, wish) as watch:
            played = await play(wish, database=database, preferences=preferences, clock=clock, watch=watch)
        async with database.transaction() as connection:
            summary = await summarize(connection, played)
            stories = await tell_stories(connection, played)
        findings = await audit(database=database, since=BEGINS)
        report(summary, stories, findings)
        await _stay(console, played, stay=stay)
    return findings, f"{name} and {preferences_name}"


async def _stay(console: Console, played: Played, *, stay: bool) -> None:
    """Go on serving people's pages until somebody ends it."""
    links = played.chronicle.links
    who = next((resident for resident in played.residents if resident.person_id in links), None)
    if stay and who is not None:
        stop = stop_at_signals()
        telling.invite(console, who, links[who.person_id])
        await stop.wait()


def _described(
    wish: Wish, summary: Summary, stories: list[PersonStory], findings: Findings, seconds: float
) -> dict[str, Any]:
    return {
        "seed": wish.seed,
        "begins": BEGINS,
        **msgspec.to_builtins(summary),
        "stories": stories,
        "audit": findings_as_builtins(findings),
        "folder": str(wish.folder),
        "seconds": round(seconds, 1),
    }
