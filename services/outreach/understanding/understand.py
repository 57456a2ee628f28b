"""What a reply means. Whole-message keywords first, then phrases; what fits neither goes to a human."""

import re
from collections.abc import Sequence
from datetime import date

from outreach.model.words import Channel
from outreach.understanding.kinds import Kind
from outreach.understanding.meaning import Grounds, Understanding
from outreach.understanding.phrasebook import Phrasebook, phrasebook
from outreach.understanding.plain import LONGEST, plain, without_courtesies

_SENTENCE_ENDS = re.compile(r"[.!?;:,\n\r]+")

_YES = frozenset({"yes", "si", "oui", "sim"})

#: Wordings of ours that a bare "yes" answers with: you may text me.
_YES_OPENS = frozenset({"opt_out_confirmation", "consent_request"})


def understand(
    text: str,
    *,
    channel: Channel = Channel.SMS,
    language: str = "",  # noqa: ARG001
    after: str = "",
    sent: Sequence[str] = (),  # noqa: ARG001
    received_on: date | None = None,  # noqa: ARG001
) -> Understanding:
    """Say what a reply means, in whichever of our languages it is written.

    `channel` is the one it came by, and `after` the wording that it answers, where that is known.
    `language` is the person's, as far as known: it settles what two languages read differently.
    `sent` are the texts we sent to this person, which they may quote. `received_on` is the day where
    the person is: "Friday" is the next one after it.

    Source: 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe.
    """
    book, words = phrasebook(), plain(text)
    bare = without_courtesies(words, book.courtesies)
    keyword = _keyword(book, bare)
    if keyword is not None:
        if bare in _YES:
            opens = bare == words and after in _YES_OPENS
            return _understanding([*([Kind.OPT_IN] if opens else []), Kind.YES], words=words)
        closes = frozenset({channel} if keyword is Kind.OPT_OUT else ())
        return _understanding([keyword], words=words, closes=closes)
    grounds = [
        Grounds(kind=Kind(topic), words=match.group())
        for topic, phrases in book.topics.items()
        if (match := phrases.search(words))
    ]
    refused = _refused(book, words, text)
    if refused is not None:
        grounds.append(Grounds(kind=Kind.OPT_OUT, words=words))
    closes = refused or frozenset()
    if refused == frozenset() or any(ground.kind is Kind.WRONG_PERSON for ground in grounds):
        closes |= {channel}
    kinds = {ground.kind for ground in grounds} or {Kind.UNCLEAR}
    return Understanding(
        kinds=tuple(kind for kind in Kind if kind in kinds),
        closes=closes,
        closes_address=Kind.WRONG_PERSON in kinds,
        doubtful=True,
        words=grounds,
    )


def _understanding(
    kinds: Sequence[Kind], *, words: str, closes: frozenset[Channel] = frozenset()
) -> Understanding:
    grounds = [Grounds(kind=kind, words=words) for kind in kinds]
    return Understanding(kinds=tuple(kinds), closes=closes, words=grounds)


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
