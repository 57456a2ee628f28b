"""`preferences merge` and `separate`: two ids that are one person, and two that were joined by mistake."""

from typing import Annotated

import typer

from foundation.clock import SystemClock
from foundation.terminal import echo
from preferences.cli.shared import as_operator
from preferences.desk.joining import say_others, say_same

PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="An id of the person.")]
OtherId = Annotated[str, typer.Argument(metavar="OTHER", help="The other id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the entry.")]


def merge(person_id: PersonId, other_id: OtherId, *, reason: Reason) -> None:
    """Say that two ids are one person: what closes one closes both, and contacts count together."""
    as_operator(
        lambda database, actor: say_same(
            person_id, other_id, reason=reason, actor=actor, database=database, clock=SystemClock()
        )
    )
    echo(f"{person_id} and {other_id} are one person; whatever closes one of them closes both")


def separate(person_id: PersonId, other_id: OtherId, *, reason: Reason) -> None:
    """Say that two ids were joined by mistake; what was closed meanwhile stays closed for both."""
    as_operator(
        lambda database, actor: say_others(
            person_id, other_id, reason=reason, actor=actor, database=database, clock=SystemClock()
        )
    )
    echo(
        f"{person_id} and {other_id} are two people; what was closed stays closed, and stands in"
        f" `preferences show` of each"
    )
