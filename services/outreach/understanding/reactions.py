"""Tells what a phone reports for its owner from what the owner wrote: `Liked “…”`, `👍 to “…”`."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from re import Pattern
from typing import Any, Final

from outreach.understanding.plain import fold

_TABLE: Final = Path(__file__).parent / "reactions.toml"

#: Marks that begin a quotation, and all that may stand round one.
BEGINS: Final = frozenset('"“„«')
#: Some phones quote with what is an apostrophe elsewhere.
_SINGLE_BEGINS: Final = frozenset("‘'")
QUOTES: Final = "\"“”„«»‘’'"
_UNKIND_PICTURES: Final = frozenset("👎😡😠🤬🖕😤🤮💩😒🙄🛑🚫⛔🙅")
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
    begins = _first(text, BEGINS)
    return _reported(text, begins=begins) or (
        _reported(text, begins=single) if (single := _first(text, _SINGLE_BEGINS)) is not None else None
    )


def _first(text: str, marks: frozenset[str]) -> int | None:
    return next((place for place, letter in enumerate(text) if letter in marks), None)


def _reported(text: str, *, begins: int | None) -> tuple[Reaction, str] | None:
    """Return what is reported if the words quoted begin here; None: no words are quoted."""
    lead = " ".join(fold(text[:begins]).split()).strip(" :")
    leads = _leads()
    if begins is None:
        for reaction, _, attached in leads.words:
            if attached.fullmatch(lead):
                return reaction, ""
        picture = leads.picture_to_attached.fullmatch(lead)
        return (_of_picture(picture["picture"]), "") if picture is not None else None
    rest = leads.behind_quotation.sub("", _behind(text[begins:]))
    for reaction, quoted, _ in leads.words:
        if quoted.fullmatch(lead):
            return reaction, rest
    if (match := leads.picture.fullmatch(lead)) is not None:
        return _of_picture(match["picture"]), rest
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leads:
    """What stands before the words that are reacted to; `words` with each reaction, quoted and attached."""

    words: Sequence[tuple[Reaction, Pattern[str], Pattern[str]]]
    picture: Pattern[str]
    picture_to_attached: Pattern[str]
    behind_quotation: Pattern[str]


@cache
def _leads() -> _Leads:
    table: Mapping[str, Any] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    words = [
        (
            Reaction(name),
            re.compile("|".join(spelled)),
            re.compile(f"(?:{'|'.join(spelled)}) {table['attached']}"),
        )
        for name, spelled in table.items()
        if name in set(Reaction)
    ]
    picture = rf"(?P<picture>[^\w\s{QUOTES}]{{1,12}}?){_GAP}{table['behind_picture']}{_GAP}"
    lead = f"(?:{table['before_picture']})?{picture}"
    return _Leads(
        words=words,
        picture=re.compile(lead),
        picture_to_attached=re.compile(f"{lead} {table['attached']}"),
        behind_quotation=re.compile(rf"^{table['behind_quotation']}\b", re.IGNORECASE),
    )


def _behind(quoted: str) -> str:
    """Return what stands behind the last quotation mark; the quoted text may have some of its own."""
    ends = max(quoted.rfind(mark) for mark in ("’'" if quoted[0] in _SINGLE_BEGINS else '"”»“'))
    return quoted[ends + 1 :].strip(" .\n") if ends > 0 else ""


def _of_picture(picture: str) -> Reaction:
    if set(picture) & _UNKIND_PICTURES:
        return Reaction.UNKIND
    # Folded, ⁉ is two letters.
    return Reaction.ASKING if set(picture) & {*_ASKING_PICTURES, "?"} else Reaction.KIND
