"""`outreach tokens` and `acts`: who may ask and act, and what was done."""

from foundation.acts import OPERATE
from foundation.token_commands import acts_command, token_commands
from outreach.cli.shared import as_operator, on_database
from outreach.http.asking import ASK

cli = token_commands(scopes=(ASK, OPERATE), on_database=on_database, as_operator=as_operator)
list_acts = acts_command(on_database)
