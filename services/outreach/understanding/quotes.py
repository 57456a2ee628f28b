"""Takes our own words out of an answer: reactions, forwards, copies, quoted lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from outreach.understanding.plain import LONGEST, fold
from outreach.understanding.reactions import QUOTES, Reaction, find_reaction


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the person wrote themselves, and how they reacted to a text of ours."""

    text: str
    reaction: Reaction | None = None


#: What mail programs put above the message that is answered; nothing below is the person's.
_WROTE: Final = re.compile(
    r"\s*(?:on .{6,120}? wrote|el .{6,120}? escribio|le .{6,120}? a ecrit|em .{6,120}? escreveu"
    r"|am .{6,120}? schrieb.{0,80}?)\s*:\s*$"
    r"|\s*[-_]{2,}\s*(?:original message|forwarded message|mensaje original|mensaje reenviado"
    r"|message dorigine|mensagem original)|\s*begin forwarded message|\s*_{10,}\s*$",
)
_HEADER: Final = re.compile(r"^\s*\*?(?:from|de|von)\*?:\s.*(?:@|<)")
_FORWARDED: Final = re.compile(r"^\s*(?:fwd?|rv|tr|enc|wg|forwarded)\s*:", re.IGNORECASE)

_WORD: Final = re.compile(r"[^\W_]+")
#: So many words in a row that stand in a text of ours were copied from it; in quotation marks fewer were.
_COPIED: Final = 6
_QUOTED_AT_LEAST: Final = 2


def own_words(text: str, *, sent: Sequence[str] = ()) -> OwnWords:
    """Return what the person wrote themselves.

    `sent` are the texts we sent to them. Without them the marks of phones and mail programs must
    do; a copy that bears none is then taken for the person's own.
    """
    text = _without_quoted_mail(text[: 4 * LONGEST])[:LONGEST]
    if (found := find_reaction(text)) is not None:
        reaction, rest = found
        return OwnWords(rest, reaction)
    return OwnWords(_without_copies(text, sent) if sent else text)


def _without_quoted_mail(text: str) -> str:
    """Cut lines that begin with `>`, and all behind "On … wrote:" and its like."""
    kept: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        folded = fold(line)
        joined = f"{folded} {fold(lines[number + 1])}" if number + 1 < len(lines) else folded
        if _WROTE.match(folded) or (
            _WROTE.match(joined) and folded.lstrip()[:3] in {"on ", "el ", "le ", "em ", "am "}
        ):
            break
        if _HEADER.match(folded) and (kept or number == 0):
            break
        if not line.lstrip().startswith(">"):
            kept.append(_FORWARDED.sub("", line))
    return "\n".join(kept)


def _without_copies(text: str, sent: Sequence[str]) -> str:
    """Take out what was copied from a text of ours, unless nothing else would be left of a few words."""
    ours = [[word.group() for word in _WORD.finditer(fold(each))] for each in sent]
    words = list(_WORD.finditer(text))
    said = [fold(word.group()).replace("number", "").strip() or word.group() for word in words]
    copied: set[int] = set()
    for theirs in ours:
        for begins, length in _runs(said, theirs):
            quoted = _is_quoted(text, words[begins].start(), words[begins + length - 1].end())
            if length >= _COPIED or (quoted and length >= _QUOTED_AT_LEAST):
                copied.update(range(begins, begins + length))
    if not copied:
        return text
    if len(copied) == len(words) < 2 * _COPIED and not text.lstrip().startswith(tuple(QUOTES)):
        # A few words of our opt-out line and nothing else: somebody types what we told them to.
        return text
    kept, begins = [], 0
    for number, word in enumerate(words):
        if number in copied:
            kept.append(text[begins : word.start()])
            begins = word.end()
    return "".join([*kept, text[begins:]])


def _is_quoted(text: str, begins: int, ends: int) -> bool:
    before, behind = text[:begins].rstrip(), text[ends:].lstrip(" .…")
    return before.endswith(tuple(QUOTES)) and behind.startswith(tuple(QUOTES))


def _runs(said: Sequence[str], ours: Sequence[str]) -> list[tuple[int, int]]:
    """Return the runs of words that stand in both: where each begins in `said`, and how long it is."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(ours):
        places.setdefault(word, []).append(place)
    runs: list[tuple[int, int]] = []
    begins = 0
    while begins < len(said):
        longest = 0
        for place in places.get(said[begins], ()):
            length = 0
            while (
                begins + length < len(said)
                and place + length < len(ours)
                and said[begins + length] == ours[place + length]
            ):
                length += 1
            longest = max(longest, length)
        if longest >= _QUOTED_AT_LEAST:
            runs.append((begins, longest))
        begins += max(longest, 1)
    return runs
