"""Says in plain words why a template cannot be read. Pure."""

import re
from typing import Final

from jinja2 import TemplateSyntaxError

#: What Jinja says of a template that it cannot read, in words of our own: what to look for, and the fix.
_SYNTAX: Final = (
    (r"Expected an expression", "a fact is missing", "name one, such as {{ person.given_name }}"),
    (
        r"looking for the following tags|'endif'|'endfor'",
        "`{% if … %}` is not closed, or `{% for … %}`",
        "write {% endif %} or {% endfor %} where it ends",
    ),
    (
        r"end of print statement|variable_begin|unexpected '}'",
        "`{{` is not closed, or holds more than one name",
        "write `{{ person.given_name }}`: two braces, one fact, two braces",
    ),
    (
        r"end of statement block|block_end",
        "`{%` is not closed, or holds more than it may",
        "write `{% if person.given_name %}`, then {% else %} if need be, and {% endif %}",
    ),
    (
        r"Encountered unknown tag",
        "a tag that templates do not know",
        "they know if, elif, else, endif, for and endfor",
    ),
    (r"comment", "`{#` is not closed", "end the note with `#}`"),
)


def plain_syntax(error: TemplateSyntaxError) -> tuple[str, str]:
    """Return what is wrong with a template that cannot be read, and what to write."""
    said = error.message or ""
    for pattern, message, fix in _SYNTAX:
        if re.search(pattern, said):
            return message, fix
    return "cannot be read as a template", "compare it with the examples in templates/README.md"
