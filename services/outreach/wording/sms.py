"""How many segments a text takes, which is what carriers bill and providers limit."""

import re
from dataclasses import dataclass
from enum import StrEnum
from re import Pattern

#: GSM 03.38: the basic alphabet, and the characters that take an escape and so count twice.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "^{}\\[~]|€\f"
_GSM7 = re.compile(f"[{re.escape(_BASIC + _EXTENDED)}]*")
_DOUBLE_IN_GSM7 = re.compile(f"[{re.escape(_EXTENDED)}]")
_DOUBLE_IN_UCS2 = re.compile("[\U00010000-\U0010ffff]")


class Encoding(StrEnum):
    """What carriers encode a text in: GSM-7 if every character has a place in it, else UCS-2."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a text on the wire."""

    encoding: Encoding
    segments: int


def measure(body: str) -> Size:
    """Count segments: 160 GSM-7 septets or 70 UCS-2 units in one, 153 or 67 in each of several.

    A character of two units (an escape, a surrogate pair) is never split between segments.
    """
    if is_gsm7(body):
        return Size(Encoding.GSM7, _segments(body, _DOUBLE_IN_GSM7, alone=160, among=153))
    return Size(Encoding.UCS2, _segments(body, _DOUBLE_IN_UCS2, alone=70, among=67))


def is_gsm7(text: str) -> bool:
    """True if every character has a place in GSM-7."""
    return _GSM7.fullmatch(text) is not None


def _segments(body: str, double: Pattern[str], *, alone: int, among: int) -> int:
    doubles = {match.start() for match in double.finditer(body)}
    if len(body) + len(doubles) <= alone:
        return 1
    if not doubles:
        return -(-len(body) // among)
    segments, room = 1, among
    for place in range(len(body)):
        units = 2 if place in doubles else 1
        if units > room:
            segments, room = segments + 1, among
        room -= units
    return segments
