"""`preferences migrate` and `grant`: how a database comes to what a release needs of it."""

from typing import Annotated

import typer

from foundation import acts
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import load_or_exit
from foundation.database import Database
from foundation.grants import grant_service
from foundation.migrations import migrate as migrate_database
from foundation.terminal import echo
from preferences.cli.shared import answer_or_exit, as_operator
from preferences.config import StoreConfig
from preferences.store.rights import INSERT_ONLY


def migrate() -> None:
    """Bring the database up to date; running it again, or twice at once, does no harm."""
    url = load_or_exit(StoreConfig).database_url.get_secret_value()
    applied = answer_or_exit(migrate_database(url, package="preferences"))
    echo(*(applied or ["up to date"]))
    if applied:
        as_operator(
            lambda database, actor: acts.record_alone(database, actor, "migrate", reason=", ".join(applied))
        )


def grant(role: Annotated[str, typer.Argument(help="The role the service connects as.")]) -> None:
    """Give a database role what the service needs, and no way to change ledger or acts.

    To be run by whoever migrates, after each migration.
    """

    async def give(database: Database, actor: Actor) -> None:
        async with database.transaction() as connection:
            await grant_service(connection, role, insert_only=INSERT_ONLY)
            await acts.record(connection, actor, "grant", subject=role, now=SystemClock().now())

    as_operator(give)
    echo(f"{role} may read and write what the service needs; of ledger and acts it may read and add")
