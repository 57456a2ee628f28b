"""What a stop closes: the channels its words name, else the one it came by."""

import re
from collections.abc import Mapping
from re import Pattern
from typing import Final

from outreach.model.words import Channel

#: Each way in which we write or a colleague calls. A letter is the one that the law may still ask for.
EVERYTHING: Final = frozenset({Channel.SMS, Channel.EMAIL, Channel.VOICE})
_PHONE: Final = frozenset({Channel.SMS, Channel.VOICE})
_ONLY: Final = re.compile(r"\b(?:only|solo|solamente|nada mas por|unicamente|writing only)\b")
#: What is refused as well: "don't call me, nor text me".
_NEAR: Final = 3
_NOR: Final = re.compile(r"^(?:nor|or|ni|ou|nem)\b")


def closed_by(
    words: str, behind: str, *, channel: Channel, names: Mapping[str, Pattern[str]]
) -> frozenset[Channel]:
    """Return what the words of a stop close, which came by `channel`; `behind` are the next few.

    "Only email" closes the others. What names no channel closes the one it came by.
    """
    named = _named(words, names)
    near = " ".join(behind.split()[:_NEAR])
    if _ONLY.search(words):
        return EVERYTHING - named if named else frozenset({channel})
    if (everything := names.get("all")) is not None and everything.search(f"{words} {near}"):
        return EVERYTHING | named
    if (number := names.get("number")) is not None and number.search(words):
        return _named(words.split(" up ", maxsplit=1)[0], names) | phone_at(channel)
    if _NOR.search(behind):
        return named | _named(behind, names) or frozenset({channel})
    if not named:
        named = _named(near, names)
    return named or frozenset({channel})


def phone_at(channel: Channel) -> frozenset[Channel]:
    """Return every channel that reaches the device a message came from."""
    return _PHONE if channel in _PHONE else frozenset({channel})


def _named(words: str, names: Mapping[str, Pattern[str]]) -> frozenset[Channel]:
    return frozenset(
        Channel(name)
        for name, pattern in names.items()
        if name not in {"all", "number"} and pattern.search(words)
    )
