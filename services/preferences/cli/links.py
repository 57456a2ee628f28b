"""`preferences links`: links to the preference center, taken back."""

import typer

from foundation.clock import SystemClock
from preferences.center.revoking import revoke_links
from preferences.cli.history import PersonId
from preferences.cli.shared import as_operator

cli = typer.Typer(no_args_is_help=True, help="Links to the preference center.")


@cli.callback()
def _links() -> None:
    """Give Typer, which would take an only command for the whole, a group to make."""


@cli.command()
def revoke(person_id: PersonId) -> None:
    """Have no link work that was written for a person until now, as where a phone was lost."""
    as_operator(
        lambda database, actor: revoke_links(person_id, actor=actor, database=database, clock=SystemClock())
    )
    typer.echo(f"links that were written for {person_id} work no more; the next message carries a new one")
