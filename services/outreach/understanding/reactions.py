"""Tells what a phone reports for its owner from what the owner wrote: `Liked “…”`, `👍 to “…”`."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from re import Pattern
from typing import Any, Final

from outreach.understanding.plain import fold

_TABLE: Final = Path(__file__).parent / "reactions.toml"

#: Marks that begin a quotation, and all that may stand round one.
BEGINS: Final = frozenset('"“„«')
QUOTES: Final = "\"“”„«»‘’'"
_UNKIND_PICTURES: Final = frozenset("👎😡😠🤬🖕😤🤮💩😒🙄")
_ASKING_PICTURES: Final = frozenset("❓❔🤔⁉😕")
#: Phones put invisible marks between picture and words.
_GAP: Final = r"[\s\u200a-\u200f\u202f\ufe0f]*"


class Reaction(StrEnum):
    """What a phone says for its owner about a text of ours."""

    KIND = "kind"
    UNKIND = "unkind"
    ASKING = "asking"
    NEUTRAL = "neutral"


def find_reaction(text: str) -> tuple[Reaction, str] | None:
    """Return what a phone reports, and what was written behind it; None if it reports nothing."""
    begins = next((place for place, letter in enumerate(text) if letter in BEGINS), None)
    lead = " ".join(fold(text[:begins]).split()).strip(" :")
    leads, with_picture = _leads()
    if begins is None:
        return next(
            ((reaction, "") for reaction, _, attached in leads if attached.fullmatch(lead)),
            None,
        )
    rest = _behind(text[begins:])
    for reaction, quoted, _ in leads:
        if quoted.fullmatch(lead):
            return reaction, rest
    if (match := with_picture.fullmatch(lead)) is not None:
        return _of_picture(match["picture"]), rest
    return None


@cache
def _leads() -> tuple[list[tuple[Reaction, Pattern[str], Pattern[str]]], Pattern[str]]:
    table: Mapping[str, Any] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    leads = [
        (
            Reaction(name),
            re.compile("|".join(spelled)),
            re.compile(f"(?:{'|'.join(spelled)}) {table['attached']}"),
        )
        for name, spelled in table.items()
        if name in set(Reaction)
    ]
    picture = rf"(?P<picture>[^\w\s{QUOTES}]{{1,12}}?){_GAP}{table['behind_picture']}{_GAP}"
    return leads, re.compile(f"(?:{table['before_picture']})?{picture}")


def _behind(quoted: str) -> str:
    """Return what stands behind the last quotation mark; the quoted text may have some of its own."""
    ends = max(quoted.rfind(mark) for mark in '"”»“')
    return quoted[ends + 1 :].strip(" .\n") if ends > 0 else ""


def _of_picture(picture: str) -> Reaction:
    if set(picture) & _UNKIND_PICTURES:
        return Reaction.UNKIND
    return Reaction.ASKING if set(picture) & _ASKING_PICTURES else Reaction.KIND
