"""A reply without what carries no meaning: case, accents, look-alikes, invisible characters."""

import re
import unicodedata
from dataclasses import dataclass

#: As much as anyone writes in one message; what comes behind is a human's to read.
LONGEST = 4_000
_FEWEST_SPELLED_OUT = 3

_APOSTROPHES = re.compile("['’‘ʼ`\u00b4\u2032]")
_NO_WORD = re.compile(r"[\W_]+")
#: A full stop or colon within a number or a time ends nothing.
_SENTENCES = re.compile(
    r"[!?;…\n\r\v\f\u2028\u2029()\[\]{}\"“”„«»|。！？，；]+|[.:]+(?!\d)|\s[-–—~]+\s|[–—]|/(?=\s)"
)
#: "Wrong #" is one way of writing it.
_NUMBER_SIGN = re.compile(r"(?<=wrong )#|(?<=right )#|(?<=this )#|(?<=the )#|(?<=my )#")
_SPELLED_OUT = re.compile(r"(?<![^\W_])(?:[^\W\d_][.\-_*•]+){2,}[^\W\d_](?![^\W_])")
_SPELLED_WITH_SPACES = re.compile(r"(?<![^\W_])(?:[^\W\d_]\s){3,}[^\W\d_](?![^\W_])")
#: Letters of other alphabets that look like ours, in the case in which they do.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеѕіјорсхуԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ",
    "ABESIJKMHOPCTXYaesijopcxyqwABEZHIKMNOPTYXovp",
)
_LATIN = re.compile(r"[A-Za-z]")

_STOPS = frozenset("🛑🚫⛔🙅")
_KIND_ONES = frozenset("👍🙏❤💙💚💛💜🧡🖤🤍💕💖💗💓😊🙂😀😃😄😁😍🥰😘🤗👌✅💯🎉👏🙌☺😇✔🤝💪🥳🫶😌")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words as `fold` leaves them, a comma as `,`, and whether a question mark ended them."""

    words: str
    asks: bool = False


def fold(text: str) -> str:
    """Return the text in lower case without accents, look-alikes, invisible characters and apostrophes."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _without_lookalikes(text))
        text = "".join(character for character in text if unicodedata.category(character) not in {"Mn", "Cf"})
    return _NUMBER_SIGN.sub(" number ", _APOSTROPHES.sub("", text.casefold()))


def plain(text: str) -> str:
    """Return lower-case words with single spaces: `¡Por favor, STOP! 🙏` is `por favor stop`.

    A word spelled out letter by letter is that word.
    """
    words = _NO_WORD.sub(" ", fold(text[:LONGEST])).split()
    if len(words) >= _FEWEST_SPELLED_OUT and all(len(word) == 1 and word.isalpha() for word in words):
        return "".join(words)
    return " ".join(words)


def sentences(text: str) -> list[Sentence]:
    """Return what is said, cut where a sentence ends; only what has words."""
    folded = fold(text[:LONGEST])
    bare = _NO_WORD.sub(" ", folded).split()
    if len(bare) >= _FEWEST_SPELLED_OUT and all(len(word) == 1 and word.isalpha() for word in bare):
        return [Sentence("".join(bare), asks="?" in folded)]
    folded = _SPELLED_OUT.sub(lambda match: _NO_WORD.sub("", match.group()), folded)
    folded = _SPELLED_WITH_SPACES.sub(lambda match: _NO_WORD.sub("", match.group()), folded)
    found, begins = [], 0
    for end in [*_SENTENCES.finditer(folded), None]:
        part = folded[begins : end.start() if end else len(folded)]
        words = " ".join(_with_commas(part))
        if words.strip(" ,"):
            found.append(Sentence(words.strip(" ,"), asks=bool(end and "?" in end.group())))
        elif found and end and "?" in end.group():
            found[-1] = Sentence(found[-1].words, asks=True)
        begins = end.end() if end else begins
    return found


def emoji_alone(text: str) -> str:
    """Return what a message of nothing but pictures says: `stop`, `kind`, `other`; nothing for words."""
    pictures = [character for character in text[:LONGEST] if unicodedata.category(character) == "So"]
    if not pictures or re.search(r"[^\W_]", text[:LONGEST]):
        return ""
    if _STOPS & set(pictures):
        return "stop"
    return "kind" if set(pictures) <= _KIND_ONES else "other"


def _with_commas(part: str) -> list[str]:
    clauses = (_NO_WORD.sub(" ", clause).split() for clause in part.split(","))
    return [word for clause in clauses for word in (",", *clause)][1:]


def _without_lookalikes(text: str) -> str:
    """Return words of another alphabet that were meant for ours in ours; a text really in it stays."""
    swapped = text.translate(_LOOKALIKES)
    return swapped if _LATIN.search(text) or not _foreign_letters(swapped) else text


def _foreign_letters(text: str) -> bool:
    names = (unicodedata.name(character, "") for character in text if character.isalpha())
    return any(not name.startswith("LATIN") for name in names)
