"""The command line: run the roles, and ask or repair what they do."""

from typing import Annotated

import typer
import uvloop

from foundation.command_line import load_or_exit
from foundation.kafka import create_topics
from foundation.logs import configure
from foundation.migrations import migrate as migrate_database
from foundation.settings import KafkaSettings
from outreach.app import ROLES
from outreach.app import run as run_roles
from outreach.cli import events, operations, policy, quarantine
from outreach.cli.audit import audit_messages
from outreach.cli.demo import demo
from outreach.cli.explain import explain, export
from outreach.cli.preview import preview
from outreach.cli.shared import run_or_exit
from outreach.config import Config, StoreConfig
from schemas.topics import TOPICS

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
    config = load_or_exit(Config)
    run_or_exit(run_roles(config, roles=roles), kafka=config.kafka.bootstrap_servers, runner=uvloop.run)


@cli.command()
def migrate() -> None:
    """Bring the database up to date."""
    url = load_or_exit(StoreConfig).database_url.get_secret_value()
    applied = run_or_exit(migrate_database(url, package="outreach"))
    for revision in applied:
        typer.echo(f"applied {revision}")
    if not applied:
        typer.echo("nothing to do")


@topics.command()
def create(
    kafka: Annotated[str, typer.Option(help="Kafka's address, host:port.")] = "127.0.0.1:9092",
) -> None:
    """Make the topics that are not there yet, with their settings."""
    made = run_or_exit(
        create_topics(KafkaSettings(bootstrap_servers=kafka), list(TOPICS.values())), kafka=kafka
    )
    for topic in made:
        typer.echo(f"made {topic}")
    if not made:
        typer.echo("all topics are there")


if __name__ == "__main__":
    cli()
