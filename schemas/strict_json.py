"""The parts of JSON on which parsers differ, so that no two readers of a record may disagree.

A name that appears twice in one object means the first to some parsers and the last to others;
NaN and Infinity are no JSON at all, yet many accept them.
"""

import json
import re
from typing import Any, Final

import msgspec

#: No text shows so many names, so that each is looked at.
_UNKNOWN: Final = -1
_A_SPACED_QUOTE = re.compile(rb'"[ \n\r\t]').search
_A_NAME = re.compile(r"[a-z_]{1,40}").fullmatch


class Ambiguous(ValueError):
    """The text means different things to different parsers; `problem` says where, without values."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def refuse_ambiguous(text: bytes, *, names: int) -> None:
    """Check JSON that another parser has accepted already, and in which it found `names` names.

    Raises:
        Ambiguous: a name is used twice in one object, or the text is nested or made in a way that
            some parsers refuse.
    """
    if _shows_each_name_once(text, names):
        return
    try:
        _load(text.decode())
    except Ambiguous:
        raise
    except (ValueError, RecursionError):
        raise Ambiguous("the value is not JSON (RFC 8259, UTF-8, sanely nested)") from None


def load_object(text: str) -> dict[str, Any]:
    """Return what a JSON object says, where every parser reads the same in it.

    Raises:
        Ambiguous: it is none, or parsers differ on it.
    """
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Ambiguous("is no JSON (RFC 8259, UTF-8, sanely nested)") from None
    if not isinstance(value, dict):
        raise Ambiguous("is not one JSON object")
    refuse_ambiguous(text.encode(), names=_UNKNOWN)
    return value


def _shows_each_name_once(text: bytes, names: int) -> bool:
    """Tell at a glance, for most records, that no name is repeated; False means look closer.

    Where no quote is followed by a space, every name in the text ends in `":`. Text inside of
    strings can only add to their number, so if there are no more than the parser kept, it kept all.
    """
    return text.count(b'":') == names and not _A_SPACED_QUOTE(text)


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) == len(pairs):
        return
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    # A name that is not one of ours may be somebody's address.
    raise Ambiguous(f"{twice if _A_NAME(twice) else 'a field'} appears twice in one object")


def _refuse_constant(_: str) -> None:
    raise Ambiguous("NaN and Infinity are not JSON")


# Numbers are not needed: reading them as they are written costs nothing, however long they are.
_load = json.JSONDecoder(
    object_pairs_hook=_refuse_repeated,
    parse_constant=_refuse_constant,
    parse_int=str,
    parse_float=str,
).decode
