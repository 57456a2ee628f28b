"""`preferences tokens` and `acts`: who may ask and act, and what was done."""

from foundation.acts import OPERATE
from foundation.token_commands import acts_command, token_commands
from preferences.cli.shared import as_operator, on_database
from preferences.http.reading import CHANGE, READ

cli = token_commands(scopes=(OPERATE, READ, CHANGE), on_database=on_database, as_operator=as_operator)
list_acts = acts_command(on_database)
