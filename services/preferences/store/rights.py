"""Tables that the role of the running service may add to, and never rewrite."""

from typing import Final

INSERT_ONLY: Final = ("acts", "entries")
