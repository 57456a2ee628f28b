"""`outreach migrate` and `grant`: how a database comes to what a release needs of it."""

from typing import Annotated

import typer

from foundation import acts
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import ExitCode, fail, load_or_exit
from foundation.database import Database
from foundation.grants import RoleNotFound, grant_service
from foundation.migrations import migrate as migrate_database
from foundation.terminal import echo
from outreach.cli.shared import as_operator, on_database, run_or_exit
from outreach.config import StoreConfig
from outreach.store.respelling import respell_addresses
from outreach.store.rights import INSERT_ONLY


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
