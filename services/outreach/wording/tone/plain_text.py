"""A text as the rules read it: plain letters, sentence by sentence, with the way back to what was written."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_APOSTROPHES = frozenset("'’‘ʼ`\u00b4")
_DASHES = frozenset("-\u2010\u2011\u2012–—")
#: Stands for what is no word.
BLANK = "_"
_SPACES = frozenset(" \t\r\u00a0" + BLANK)
_LINK = re.compile(r"https?://\S+|(?<!\S)[^\s@]+@[^\s@]*\.\S+|\bwww\.\S+")
#: A new paragraph or item ends a sentence, a wrapped line does not.
_PARAGRAPH = re.compile(r"\n[ \t]*(?=\n|- |\* |• )")
_ENDS = re.compile(r"\n|[!?;]+|[.:]+(?=\s|$)")
#: A full stop behind these ends nothing.
_ABBREVIATION = re.compile(
    r"(?:^|[^a-z])(?:dept|st|mr|mrs|ms|dr|no|num|inc|sgt|co|jr|ave|lic|sr|sra|av|acct|attn|u\.s|a\.m|p\.m|vs|v)$"
)
_SPELLED_OUT = {"u": "you", "ur": "your", "pls": "please", "2day": "today", "2nite": "tonight"}
_SHORT = re.compile(rf"(?<![\w.])(?:{'|'.join(_SPELLED_OUT)})(?![\w.]\w)(?!\w)")
#: Nobody's sentence is longer; what has no full stops is read in pieces.
_LONGEST_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class PlainText:
    """Lower-case letters without accents or apostrophes; `places` say where each one was written."""

    text: str
    places: tuple[int, ...]

    def written_at(self, start: int, end: int) -> tuple[int, int]:
        """Return where words of the plain text stand in what was written."""
        return self.places[start], self.places[end - 1] + 1

    def sentences(self) -> Iterator[tuple[int, str]]:
        """Yield each sentence, and where it begins in the plain text."""
        begins = 0
        for end in _ENDS.finditer(self.text):
            if end.group() == "." and _ABBREVIATION.search(self.text[max(0, end.start() - 8) : end.start()]):
                continue
            if end.group() == ":" and self.text[end.end() : end.end() + 2].strip()[:1] in "#0123456789":
                continue
            yield from _pieces(begins, self.text[begins : end.start()])
            begins = end.end()
        yield from _pieces(begins, self.text[begins:])


def plain_text(written: str) -> PlainText:
    """Return the text as rules read it. Links and addresses are no words."""
    written = _LINK.sub(lambda link: BLANK * len(link.group()), written)
    breaks = {found.start() for found in _PARAGRAPH.finditer(written)}
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(written):
        for plain in _plain(letter, is_break=place in breaks):
            if plain == " " and letters and letters[-1] in " \n":
                continue
            letters.append(plain)
            places.append(place)
    return _spelled_out("".join(letters), places)


def _spelled_out(text: str, places: list[int]) -> PlainText:
    """Write out what thumbs shorten: each letter of `your` stands where `ur` was written."""
    parts: list[str] = []
    where: list[int] = []
    ended = 0
    for short in _SHORT.finditer(text):
        word = _SPELLED_OUT[short.group()]
        parts += [text[ended : short.start()], word]
        where += [*places[ended : short.start()], *[places[short.start()]] * (len(word) - 1)]
        where.append(places[short.end() - 1])
        ended = short.end()
    return PlainText("".join([*parts, text[ended:]]), (*where, *places[ended:]))


@lru_cache(maxsize=4096)
def _plain(letter: str, *, is_break: bool) -> str:
    if letter == "\n":
        return "\n" if is_break else " "
    if letter in _SPACES or letter in _DASHES:
        return " "
    if letter in _APOSTROPHES:
        return ""
    spread = unicodedata.normalize("NFKD", letter.lower())
    return "".join(part for part in spread if unicodedata.category(part) not in {"Mn", "Cf"})


def _pieces(begins: int, sentence: str) -> Iterator[tuple[int, str]]:
    while len(sentence) > _LONGEST_SENTENCE:
        cut = sentence.rfind(" ", 0, _LONGEST_SENTENCE)
        cut = _LONGEST_SENTENCE if cut <= 0 else cut
        yield begins, sentence[:cut]
        begins, sentence = begins + cut, sentence[cut:]
    if sentence.strip():
        yield begins, sentence
