"""`outreach recover`: how far a restored database is, and the word of whoever goes on without the rest."""

from foundation.command_line import AsJson
from foundation.recovery_listing import AcceptLoss, accept_or_exit, list_open, print_recoveries
from outreach.cli.shared import as_operator, on_database


def recover(*, accept_loss: AcceptLoss = False, as_json: AsJson = False) -> None:
    """Show what a restored database has yet to read; nothing is sent until it has, and you say so."""
    if accept_loss:
        as_operator(accept_or_exit)
        return
    print_recoveries(on_database(list_open), command="outreach", as_json=as_json)
