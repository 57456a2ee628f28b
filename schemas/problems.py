"""What is wrong with an event, in words for its publisher: the place and the remedy, never the value."""

import re
from collections.abc import Sequence

from pydantic_core import ErrorDetails

from schemas.values import REMEDIES

_MOST = 5
_A_NAME = re.compile(r"[a-z_]{1,40}").fullmatch


def describe(errors: Sequence[ErrorDetails]) -> str:
    """Say up to five problems, each with the path of its field."""
    descriptions = list(dict.fromkeys(_describe(error) for error in errors))
    more = len(descriptions) - _MOST
    return "; ".join(descriptions[:_MOST]) + (f"; and {more} more" if more > 0 else "")


def _describe(error: ErrorDetails) -> str:
    *parents, last = error["loc"] or ("",)
    path = "data" + "".join(map(_step, parents))
    if error["type"] == "extra_forbidden" and not _A_NAME(str(last)):
        # A field that is none of ours may be named after somebody's address.
        return f"{path}: has a field that is not one of this event; check the spelling"
    return f"{path}{_step(last)}: {_remedy(error)}"


def _remedy(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "string_pattern_mismatch":
            pattern = context["pattern"]
            return REMEDIES.get(pattern, f"must match {pattern}")
        case "too_short":
            return f"must have at least {context['min_length']} of them"
        case "too_long":
            return f"must have at most {context['max_length']} of them"
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of this event; check the spelling"
        case _:
            # pydantic speaks of types and bounds here, and `hide_input` keeps the value out.
            return error["msg"].removeprefix("Value error, ").replace("Input should", "should")


def _step(part: int | str) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    # What is no name of a field is pydantic's name for one way to read it.
    return f".{part}" if _A_NAME(part) else ""
