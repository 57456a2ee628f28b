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
    *parents, last = error["loc"] or ("",)
    path = "data" + "".join(map(_step, parents))
    if error["type"] == "extra_forbidden" and not _A_NAME(str(last)):
        # A field that is none of ours may be named after somebody's address.
        return f"{path}: has a field that is not one of this event; check the spelling"
    remedy = _REMEDIES.get(error["type"])
    if remedy is None:
        remedy = error["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return f"{path}{_step(last)}: {remedy}"


def _step(part: int | str) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    # What is no name of a field is pydantic's name for one way to read it.
    return f".{part}" if _A_NAME(part) else ""
