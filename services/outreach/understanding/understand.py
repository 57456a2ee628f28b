"""What a reply means. Whole-message keywords first, then phrases; what fits neither goes to a human."""

import re
from dataclasses import dataclass
from enum import StrEnum

from outreach.model.words import Channel
from outreach.understanding.phrasebook import Phrasebook, phrasebook
from outreach.understanding.plain import LONGEST, plain, without_courtesies

_SENTENCE_ENDS = re.compile(r"[.!?;:,\n\r]+")


class Kind(StrEnum):
    """What follows from a reply by itself. All but `other` are certain."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    OTHER = "other"


class About(StrEnum):
    """What a reply is about, as far as its words tell: for the human who reads it."""

    WRONG_PERSON = "wrong_person"
    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    PAID = "paid"
    CALL_ME = "call_me"


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a reply means, and whether a human has to read it.

    `channels` are those an opt-out names ("stop calling me"); none named means the one it came
    by. Automation pauses for the person for as long as a human is needed.
    """

    kind: Kind
    needs_human: bool
    about: About | None = None
    channels: frozenset[Channel] = frozenset()


def understand(text: str) -> Understanding:
    """Say what a reply means, in whichever of our languages it is written.

    Only a message that is nothing but a keyword is dealt with by machine alone: case,
    punctuation, emoji and courtesies around it do not count, any other word does ("stop by
    on Friday" is not a stop). A plain request in other words stops us too, and a human reads it.

    Source: 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe.
    """
    book, words = phrasebook(), plain(text)
    keyword = _keyword(book, without_courtesies(words, book.courtesies))
    if keyword is not None:
        return Understanding(keyword, needs_human=False)
    about = next((About(topic) for topic, phrases in book.topics.items() if phrases.search(words)), None)
    channels = _refused(book, words, text)
    if channels is not None:
        return Understanding(Kind.OPT_OUT, needs_human=True, about=about, channels=channels)
    return Understanding(Kind.OTHER, needs_human=True, about=about)


def _keyword(book: Phrasebook, words: str) -> Kind | None:
    """Return the keyword that the whole message is, said once or several times over."""
    for kind, keywords in book.keywords.items():
        if words in keywords or (words and all(word in keywords for word in words.split())):
            return Kind(kind)
    return None


def _sentences(book: Phrasebook, text: str) -> list[str]:
    return [
        without_courtesies(plain(sentence), book.courtesies)
        for sentence in _SENTENCE_ENDS.split(text[:LONGEST])
    ]


def _refused(book: Phrasebook, words: str, text: str) -> frozenset[Channel] | None:
    """Return the channels a request to stop names, which may be none; None if it is no such request."""
    if book.unless.search(words):
        return None
    found = [match.group() for match in book.refusals.finditer(words)]
    if not found and not any(sentence in book.sentences for sentence in _sentences(book, text)):
        return None
    said = " ".join(found)
    return frozenset(Channel(name) for name, names in book.channels.items() if names.search(said))
