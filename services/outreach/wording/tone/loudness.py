"""Who shouts: capitals and exclamation marks, but not what people are to type, nor acronyms."""

import re
from collections.abc import Iterator

from outreach.wording.tone.plain_text import plain_text
from outreach.wording.tone.rulebook import Voice, voice

_MARKS = re.compile(r"!\s*[!?]|\?\s*!")
_MANY_MARKS = 3
_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]*")
_LOUD_WORD = re.compile(r"(?<![\w-])[A-ZÁÉÍÓÚÑÜ][A-ZÁÉÍÓÚÑÜ'’]+(?![\w-])")
_LETTER = re.compile(r"[^\W\d_]")
#: So many words in capitals beside each other are no acronym.
_SHOUTED_TOGETHER = 3
#: What people are asked to type is no longer than this: "reply NOT MY ACCOUNT".
_TYPED_TOGETHER = 4
#: How far back in its sentence a word in capitals may have been asked for.
_BEFORE = 300
_BESIDE = re.compile(r"[\s,/&]*\Z")
#: Above this share of capitals a whole text is shouted.
_MOSTLY, _LONG_ENOUGH = 0.6, 20


def shouting(text: str, *, language: str) -> Iterator[tuple[int, int]]:
    """Yield where the text is loud."""
    speaks = voice(language)
    letters = _LETTER.findall(text)
    if len(letters) >= _LONG_ENOUGH and sum(map(str.isupper, letters)) > _MOSTLY * len(letters):
        yield 0, len(text)
        return
    yield from _loud_words(text, speaks)
    yield from _exclamations(text, speaks)


def _loud_words(text: str, speaks: Voice) -> Iterator[tuple[int, int]]:
    for run in _runs(text):
        if len(run) >= _SHOUTED_TOGETHER and not (
            len(run) <= _TYPED_TOGETHER and _is_typed(text, run[0], speaks)
        ):
            yield run[0].start(), run[-1].end()
            continue
        for word in run:
            if plain_text(word.group()).text in speaks.loud and not _is_typed(text, word, speaks):
                yield word.span()


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield words in capitals that stand beside each other."""
    run: list[re.Match[str]] = []
    for word in _LOUD_WORD.finditer(text):
        if run and not _BESIDE.match(text[run[-1].end() : word.start()]):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _is_typed(text: str, word: re.Match[str], speaks: Voice) -> bool:
    """True for a word that the person is asked to type, as in "reply YES, NO or LATER"."""
    sentence = re.split(r"[.!?\n]", text[max(0, word.start() - _BEFORE) : word.start()])[-1]
    return not speaks.typed.isdisjoint(re.findall(r"\w+", plain_text(sentence).text))


def _exclamations(text: str, speaks: Voice) -> Iterator[tuple[int, int]]:
    for sentence in _SENTENCE.finditer(text):
        words = set(re.findall(r"\w+", plain_text(sentence.group()).text))
        if sentence.group().rstrip().endswith("!") and (
            _MARKS.search(sentence.group()) or words & speaks.asks
        ):
            yield sentence.span()
    if text.count("!") >= _MANY_MARKS:
        yield text.index("!"), text.rindex("!") + 1
