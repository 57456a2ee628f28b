"""Colors, and whether a reader can tell them apart."""

import re
from dataclasses import dataclass
from typing import Final, Self

#: What text needs against its ground, and what borders and marks need. Source: WCAG 2.2, 1.4.3 and 1.4.11.
TEXT: Final = 4.5
MARK: Final = 3.0

_WRITTEN = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
_STEPS: Final = 100
#: Up to here the curve of sRGB is a straight line.
_STRAIGHT_UNTIL: Final = 0.04045


@dataclass(frozen=True, slots=True)
class Color:
    """A color of sRGB, each part from 0 to 255. As text it is `#rrggbb`."""

    red: int
    green: int
    blue: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the color that `#rrggbb` names.

        Raises:
            ValueError: it is written otherwise.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError("must be a color such as #1f5f4a")
        return cls(*(int(part, 16) for part in found.groups()))

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """How light it is, from 0 for black to 1 for white. Source: WCAG 2.2, relative luminance."""
        red, green, blue = (_linear(part / 255) for part in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def mixed(self, other: Self, share: float) -> "Color":
        """Return this color with a share of another in it, from 0 to 1."""
        pairs = zip((self.red, self.green, self.blue), (other.red, other.green, other.blue), strict=True)
        return Color(*(round(mine + (its - mine) * share) for mine, its in pairs))


BLACK: Final = Color(0, 0, 0)
WHITE: Final = Color(255, 255, 255)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colors: (lighter + 0.05) / (darker + 0.05), from 1 to 21.

    Black on white has 21; `#767676` on white has 4.54.
    """
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(ground: Color) -> Color:
    """Return black or white, whichever is easier to read on this; it has 4.5 at least on any color."""
    return max((WHITE, BLACK), key=lambda color: contrast(color, ground))


def until_readable(
    color: Color, ground: Color, *, toward: Color | None = None, at_least: float = TEXT
) -> Color:
    """Return the color, mixed with as little black or white as gives it this contrast with its ground.

    `toward` says which of the two; the end of that way is returned where nothing on it has the contrast.
    """
    end = readable_on(ground) if toward is None else toward
    for step in range(_STEPS + 1):
        mixed = color.mixed(end, step / _STEPS)
        if contrast(mixed, ground) >= at_least:
            return mixed
    return end


def _linear(part: float) -> float:
    return part / 12.92 if part <= _STRAIGHT_UNTIL else ((part + 0.055) / 1.055) ** 2.4
