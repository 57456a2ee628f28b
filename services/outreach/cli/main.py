"""The command line: run the roles, and ask or repair what they do."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop

from foundation.database import DatabaseUnavailable
from foundation.kafka import create_topics
from foundation.logs import configure
from foundation.migrations import migrate as migrate_database
from foundation.settings import BadSettings, KafkaSettings, load
from outreach.app import ROLES
from outreach.app import run as run_roles
from outreach.cli import events, operations, policy, quarantine
from outreach.cli.audit import audit_messages
from outreach.cli.demo import demo
from outreach.cli.explain import explain, export
from outreach.cli.preview import preview
from outreach.config import Config, StoreConfig
from outreach.guidance.files.problems import ConfigError
from schemas.topics import TOPICS

T = TypeVar("T")

cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Contact people in debt as you would want to be contacted.",
)
topics = typer.Typer(no_args_is_help=True, help="The topics of the contract.")
cli.add_typer(topics, name="topics")
cli.add_typer(events.cli, name="events")
cli.add_typer(policy.cli, name="policy")
cli.add_typer(quarantine.cli, name="quarantine")
cli.command()(explain)
cli.command()(export)
cli.command()(preview)
cli.command("audit")(audit_messages)
cli.command()(demo)
operations.mount(cli)


@cli.command()
def run(
    only: Annotated[
        str, typer.Option(help=f"Run some of the roles: {', '.join(ROLES)}.", metavar="ROLE,ROLE")
    ] = ",".join(ROLES),
) -> None:
    """Run the roles until SIGTERM; what is under way then ends first."""
    roles = [role.strip() for role in only.split(",")]
    if unknown := sorted(set(roles) - set(ROLES)):
        raise typer.BadParameter(f"{', '.join(unknown)} is no role; roles are {', '.join(ROLES)}")
    configure()
    uvloop.run(_or_explain(run_roles(load_or_exit(Config), roles=roles)))


@cli.command()
def migrate() -> None:
    """Bring the database up to date."""
    url = load_or_exit(StoreConfig).database_url.get_secret_value()
    applied = asyncio.run(_or_explain(migrate_database(url, package="outreach")))
    for revision in applied:
        typer.echo(f"applied {revision}")
    if not applied:
        typer.echo("nothing to do")


@topics.command()
def create(
    kafka: Annotated[str, typer.Option(help="Kafka's address, host:port.")] = "127.0.0.1:9092",
) -> None:
    """Make the topics that are not there yet, with their settings."""
    made = asyncio.run(create_topics(KafkaSettings(bootstrap_servers=kafka), list(TOPICS.values())))
    for topic in made:
        typer.echo(f"made {topic}")
    if not made:
        typer.echo("all topics are there")


def load_or_exit(settings: type[Any]) -> Any:
    """Read settings, or say one clear line for each that is missing or wrong and exit with 2."""
    try:
        return load(settings)
    except BadSettings as error:
        for line in error.lines:
            typer.echo(line, err=True)
        sys.exit(2)


async def _or_explain(work: Coroutine[Any, Any, T]) -> T:
    """Do the work; what stops it from starting is told in plain lines, not in a traceback."""
    try:
        return await work
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
    except DatabaseUnavailable as error:
        typer.echo(f"the database cannot be reached: {error}", err=True)
    sys.exit(1)


def config_folder(given: Path | None) -> Path:
    """Return the folder of config files: the one given, or that of OUTREACH_CONFIG_DIR."""
    folder = given or load_or_exit(StoreConfig).config_dir
    if folder is None:
        typer.echo("OUTREACH_CONFIG_DIR: is required", err=True)
        sys.exit(2)
    return Path(folder)


if __name__ == "__main__":
    cli()
