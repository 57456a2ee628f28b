"""A terminal with colors and tables, to which what strangers wrote goes as `foundation.terminal` shows it."""

from typing import Any

from rich.console import Console
from rich.text import Text

from foundation.terminal import shown


class SafeConsole(Console):
    """Rich's console, which by itself lets escape sequences in texts and cells through."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text or the cell of a table with what would steer the terminal written out."""
        return super().render_str("\n".join(map(shown, text.split("\n"))), **options)
