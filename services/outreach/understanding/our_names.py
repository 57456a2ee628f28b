"""The names under which we write: whoever has never heard of one is in doubt about us, and no stranger."""

import re
from collections.abc import Sequence
from functools import cache
from re import Pattern
from typing import Final

#: What stands in the place of a name of ours: rules know it for nobody's own name.
_US: Final = "company"
#: "Northwind" alone is Northwind Energy; "The" and "Best" alone are nobody.
_TELLING: Final = 6
_NEVER: Final = re.compile(r"(?!)")


def without_our_names(text: str, names: Sequence[str]) -> str:
    """Return the text with the agency's and its creditors' names, in whatever case, put as "company"."""
    return _any_of(tuple(names)).sub(_US, text)


@cache
def _any_of(names: tuple[str, ...]) -> Pattern[str]:
    forms = {form for name in names for form in _forms(name)}
    # The longest first, or "Northwind" would leave "Energy" standing.
    spelled = "|".join(sorted(map(re.escape, forms), key=lambda form: (-len(form), form)))
    return re.compile(rf"(?<!\w)(?:{spelled})(?!\w)", re.IGNORECASE) if forms else _NEVER


def _forms(name: str) -> set[str]:
    words = name.split()
    return {name, *(word for word in words[:1] if len(word) >= _TELLING)} - {""}
