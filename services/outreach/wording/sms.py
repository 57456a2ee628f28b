"""How many segments a text takes, which is what carriers bill and providers limit."""

from dataclasses import dataclass
from enum import StrEnum

#: GSM 03.38: the basic alphabet, and the characters that take an escape and so count twice.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


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
    if all(each in _BASIC or each in _EXTENDED for each in body):
        units = [2 if each in _EXTENDED else 1 for each in body]
        return Size(Encoding.GSM7, _segments(units, alone=160, among=153))
    units = [2 if ord(each) > 0xFFFF else 1 for each in body]  # noqa: PLR2004 (the end of the basic plane)
    return Size(Encoding.UCS2, _segments(units, alone=70, among=67))


def _segments(units: list[int], *, alone: int, among: int) -> int:
    if sum(units) <= alone:
        return 1
    segments, room = 1, among
    for each in units:
        if each > room:
            segments, room = segments + 1, among
        room -= each
    return segments
