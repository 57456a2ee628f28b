"""What is wrong with an event, in words for its publisher: the place and the remedy, never the value."""

import re
from collections.abc import Sequence

from pydantic_core import ErrorDetails

_MOST = 5
_A_NAME = re.compile(r"[a-z_]{1,40}").fullmatch
_REMEDIES = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this event; check the spelling",
    "frozen_instance": "may not change",
    "string_pattern_mismatch": "has a wrong form; see the pattern in the JSON Schema",
}


def describe(errors: Sequence[ErrorDetails]) -> str:
    """Say up to five problems, each with the path of its field."""
    told = list(dict.fromkeys(_describe(each) for each in errors))
    more = len(told) - _MOST
    return "; ".join(told[:_MOST]) + (f"; and {more} more" if more > 0 else "")


def _describe(error: ErrorDetails) -> str:
    path = "data"
    for part in error["loc"]:
        if isinstance(part, int):
            path += f"[{part}]"
        elif _A_NAME(part):
            path += f".{part}"
        elif "[" not in part and "-" not in part:
            # A field that is none of ours may be named after somebody's address.
            path += ".(a field of another name)"
    remedy = _REMEDIES.get(error["type"])
    if remedy is None:
        remedy = error["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return f"{path}: {remedy}"
