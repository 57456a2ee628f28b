"""`outreach run`, `migrate` and `topics create`: what a deployment starts."""

from typing import Annotated

import typer
import uvloop

from foundation import acts
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import ExitCode, fail, load_or_exit
from foundation.database import Database
from foundation.grants import RoleNotFound, grant_service
from foundation.kafka import create_topics
from foundation.logs import configure
from foundation.migrations import migrate as migrate_database
from foundation.terminal import echo
from outreach.app import ROLES
from outreach.app import run as run_roles
from outreach.cli.shared import KafkaAddress, as_operator, kafka_or_exit, on_database, run_or_exit
from outreach.config import Config, StoreConfig
from outreach.store.respelling import respell_addresses
from outreach.store.rights import INSERT_ONLY
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


def migrate() -> None:
    """Bring the database up to date."""
    url = load_or_exit(StoreConfig).database_url.get_secret_value()
    applied = run_or_exit(migrate_database(url, package="outreach"))
    for revision in applied:
        echo(f"applied {revision}")
    respelled = on_database(respell_addresses)
    if respelled:
        echo(f"respelled {respelled} addresses")
    if not applied and not respelled:
        echo("nothing to do")
        return
    as_operator(
        lambda database, actor: acts.record_alone(
            database, actor, "migrate", reason=", ".join(applied) or "addresses respelled"
        )
    )


def grant(role: Annotated[str, typer.Argument(help="The role the service connects as.")]) -> None:
    """Give a database role what the service needs, and no way to change what was done.

    To be run by whoever migrates, after each migration.
    """

    async def give(database: Database, actor: Actor) -> None:
        async with database.transaction() as connection:
            await grant_service(connection, role, insert_only=INSERT_ONLY)
            await acts.record(connection, actor, "grant", subject=role, now=SystemClock().now())

    try:
        as_operator(give)
    except RoleNotFound as error:
        fail(error, code=ExitCode.NO)
    echo(f"{role} may read and write what the service needs; of the acts it may read and add")


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
