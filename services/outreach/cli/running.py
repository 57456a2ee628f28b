"""`outreach run` and `topics create`: what a deployment starts."""

from typing import Annotated

import typer
import uvloop

from foundation.command_line import load_or_exit
from foundation.kafka import create_topics
from foundation.logs import configure
from foundation.terminal import echo
from outreach.app import ROLES
from outreach.app import run as run_roles
from outreach.cli.shared import KafkaAddress, kafka_or_exit, run_or_exit
from outreach.config import Config
from schemas.topics import TOPICS

topics = typer.Typer(no_args_is_help=True, help="The topics of the contract.")


@topics.callback()
def _topics() -> None:
    """Make Typer keep `create` as a command of a group though it is the only one."""


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
    config = load_or_exit(Config)
    run_or_exit(run_roles(config, roles=roles), kafka=config.kafka, runner=uvloop.run)


@topics.command()
def create(
    kafka: KafkaAddress = None,
) -> None:
    """Make the topics that are not there yet, with their settings; as whom is what OUTREACH_KAFKA__* say."""
    settings = kafka_or_exit(kafka)
    made = run_or_exit(create_topics(settings, list(TOPICS.values())), kafka=settings)
    for topic in made:
        echo(f"made {topic}")
    if not made:
        echo("all topics are there")
