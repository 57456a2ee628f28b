"""Whether a message tells who writes, for whom, and what the person can do."""

import re
from collections.abc import Iterator

from outreach.wording.tone.harms import Harm, Remark
from outreach.wording.tone.plain_text import plain_text
from outreach.wording.tone.rulebook import Telling, telling

_CAPITALIZED = re.compile(r"(?<![\w'’])[A-ZÁÉÍÓÚÑ][\w'’&.-]*(?: (?:[A-ZÁÉÍÓÚÑ&][\w'’&.-]*))*")
_ENDS = ".!?:\n"
_OPENERS = " \t\"'“(¿¡-–—"
_VOCATIVE = re.compile(r"\s*[,!](?!\s*(?:Inc|LLC|Ltd|for|on behalf|de parte|por cuenta|\d))")
#: What stands behind a sender's name: "Harbor: …", "Harbor for Elm Bank", "Harbor here".
_SENDER = re.compile(
    r"\s*[:/.\-–]|\s*$|\s+(?:for|here|re|on|por|de|4|received|has|have|is|and|y|at|in|will|can|does|recibi)\b"
)
_REACHABLE = re.compile(r"\d{3}[ .-]\d{3,4}|https?://|[^\s@]@[^\s@]+\.[^\s@]|www\.")
#: How far back of a name is looked for what stands before it; further back nothing says whose name it is.
_BEFORE = 80


def lint_telling(text: str, *, language: str) -> list[Remark]:
    """Return what a whole message fails to tell, as far as its words show; doubt says nothing.

    An answer, a receipt or a confirmation asks for nothing, so nothing is missed in it.
    """
    tells = telling(language.partition("-")[0].lower())
    return [] if tells is None else list(_missing(text, language, tells))


def lint_transparency(text: str, *, agency: str, creditor: str | None, language: str = "en") -> list[Remark]:
    """Return what a message of a known agency does not tell: who writes, for whom, what the person can do.

    Where all is done, nothing needs to be told of what can be.
    """
    tells = telling(language.partition("-")[0].lower())
    if tells is None:
        return []
    remarks = []
    if agency not in text:
        remarks.append(Remark(Harm.MISSING_WHO, "", tells.who))
    if creditor is not None and creditor not in text:
        remarks.append(Remark(Harm.MISSING_FOR_WHOM, "", tells.for_whom))
    plain = plain_text(text).text
    if not tells.actions.search(plain) and not tells.settled.search(plain):
        remarks.append(Remark(Harm.MISSING_WHAT_YOU_CAN_DO, "", tells.what_you_can_do))
    return remarks


def names_in(text: str, *, language: str) -> list[str]:
    """Return the proper names in a text, other than the one it greets: guessed by their capitals."""
    tells = telling(language)
    return [] if tells is None else list(_names(text, tells))


def is_nameless(text: str, *, language: str) -> bool:
    """True where nobody says who writes, or no more than a given name, as friends do."""
    tells = telling(language)
    if tells is None:
        return False
    return all(
        " " not in name and _is_introduced(name, text, tells) for name in _names(text, tells, surely=True)
    )


def _missing(text: str, language: str, tells: Telling) -> Iterator[Remark]:
    plain = plain_text(text).text
    names = names_in(text, language=language.partition("-")[0].lower())
    asks = tells.asks.search(plain)
    if asks and all(_is_owed_to(name, text, tells) for name in names):
        yield Remark(Harm.MISSING_WHO, asks.group(), tells.who)
    if tells.settled.search(plain):
        return
    is_alone = len(set(names)) == 1 and tells.collector.search(plain_text(names[0]).text)
    if is_alone and asks and tells.money.search(plain):
        yield Remark(Harm.MISSING_FOR_WHOM, names[0], tells.for_whom)
    unpaid = tells.unpaid.search(plain)
    if unpaid and not tells.actions.search(plain) and not _REACHABLE.search(text):
        yield Remark(Harm.MISSING_WHAT_YOU_CAN_DO, unpaid.group(), tells.what_you_can_do)


def _is_introduced(name: str, text: str, tells: Telling) -> bool:
    """True where a name stands behind the words by which friends say who they are: "it's Tom"."""
    before = plain_text(text[: text.index(name)][-_BEFORE:]).text.rstrip() + " "
    return any(found.end() == len(before) for found in tells.friends.finditer(before))


def _is_owed_to(name: str, text: str, tells: Telling) -> bool:
    """True where a name is only ever said as that of whom the money is owed to, or of the reader."""
    before = [
        text[max(0, found.start() - _BEFORE) : found.start()] for found in re.finditer(re.escape(name), text)
    ]
    return all(tells.owed_to.search(plain_text(words).text.rstrip()) for words in before)


def _names(text: str, tells: Telling, *, surely: bool = False) -> Iterator[str]:
    """Yield proper names; `surely` leaves out a word that only its sentence may have made great."""
    for found in _CAPITALIZED.finditer(text):
        before = text[max(0, found.start() - _BEFORE) : found.start()].rstrip(_OPENERS)
        is_first = not before or before[-1] in _ENDS
        greeting = plain_text(before).text.split()[-1:]
        words = found.group().split(" ")
        said = [plain_text(word).text.strip(". ") for word in words]
        if (is_first and said[0] in tells.greetings) or set(greeting) & tells.greetings:
            continue
        if is_first and len(words) == 1:
            if _VOCATIVE.match(text, found.end()):
                continue
            if surely and not _SENDER.match(text, found.end()):
                continue
        named = [word for word, plain in zip(words, said, strict=True) if _is_name(plain, tells)]
        if named:
            yield " ".join(named)


def _is_name(word: str, tells: Telling) -> bool:
    return len(word) > 1 and word not in tells.openings and word not in tells.greetings
