"""What the rules of every language find in an answer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import Match, Pattern
from typing import Final

from outreach.model.words import Channel
from outreach.understanding.kinds import Kind
from outreach.understanding.meaning import Grounds
from outreach.understanding.phrasebook import Language, PhraseRule, languages
from outreach.understanding.plain import Sentence
from outreach.understanding.scope import closed_by, phone_at

#: Kinds that close something, whose words must not be spread over two thoughts.
_CLOSING = frozenset({Kind.OPT_OUT, Kind.WRONG_PERSON, Kind.SAFETY})
ENGLISH: Final = "en"
_FEW = 6
_GLANCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """A kind, the rule and the words that gave it, in which sentence they stand, and what they close.

    `language` is that of the rule.
    """

    rule: PhraseRule
    grounds: Grounds
    sentence: int
    language: str
    closes: frozenset[Channel] = frozenset()
    closes_address: bool = False

    @property
    def kind(self) -> Kind:
        """The kind that was found."""
        return self.grounds.kind


def keyword_of(said: Sequence[Sentence]) -> tuple[Kind, str, str] | None:
    """Return the keyword that a whole message is, the bare words, and the language that was spoken.

    It may be said several times over. The language is empty where it is a keyword in several.
    """
    found = list(_keywords(said))
    if not found:
        return None
    kind, words, _ = found[0]
    return kind, words, spoken(language for _, _, language in found)


def spoken(tongues: Iterable[str]) -> str:
    """Return the one language that was spoken; English is none: whoever writes STOP may write any."""
    found = set(tongues)
    return found.pop() if len(found) == 1 and ENGLISH not in found else ""


def _keywords(said: Sequence[Sentence]) -> Iterator[tuple[Kind, str, str]]:
    for language in languages():
        full = _joined(language.spelling.spelled(sentence.words) for sentence in said)
        whole = _joined(language.spelling.heard(sentence.words) for sentence in said)
        bare = without_courtesies(whole, language.courtesies)
        for kind, keywords in language.keywords.items():
            is_said_over = bool(bare) and all(word in keywords for word in bare.split())
            if is_said_over or {full, whole, bare} & keywords:
                yield kind, full, language.name
        if language.spelling.is_near(bare):
            yield Kind.OPT_OUT, full, language.name


def _joined(words: Iterable[str]) -> str:
    return " ".join(" ".join(words).replace(",", " ").split())


def hearings(said: Sequence[Sentence], *, channel: Channel) -> list[Hearing]:
    """Return everything that any rule finds, sentence by sentence."""
    found = [
        hearing
        for language in languages()
        for number, sentence in enumerate(said)
        for hearing in _in_sentence(language, sentence, number=number, channel=channel)
    ]
    # A vague stop says nothing that a plain one, perhaps of another language, does not say better.
    clear = {hearing.sentence for hearing in found if hearing.kind is Kind.OPT_OUT and not hearing.rule.vague}
    return [hearing for hearing in found if not (hearing.rule.vague and hearing.sentence in clear)]


def is_left_to_rules(said: Sequence[Sentence], kind: Kind) -> bool:
    """Say whether only rules may give this kind: what sounds like it is harmless, or about money."""
    return any(
        _is_said(language.harmless.get(kind), language, said)
        or _is_said(language.left_to_rules.get(kind), language, said)
        for language in languages()
    )


def speaks_against(said: Sequence[Sentence], kind: Kind) -> bool:
    """Say whether something is said that a kind must not close beside: "it's me", "hold on, I'll get him"."""
    return any(_is_said(language.against.get(kind), language, said) for language in languages())


def _is_said(pattern: Pattern[str] | None, language: Language, said: Sequence[Sentence]) -> bool:
    return pattern is not None and any(
        pattern.search(language.spelling.heard(sentence.words)) for sentence in said
    )


def without_courtesies(words: str, courtesies: frozenset[str]) -> str:
    """Return the words without those of politeness at either end; only those leave nothing."""
    left = words.split()
    while left and left[0] in courtesies:
        left.pop(0)
    while left and left[-1] in courtesies:
        left.pop()
    return " ".join(left)


def _in_sentence(
    language: Language, sentence: Sentence, *, number: int, channel: Channel
) -> Iterator[Hearing]:
    heard = language.spelling.heard(sentence.words)
    flat = _joined([heard])
    for rule in language.rules:
        words = heard if rule.kind in _CLOSING else flat
        if (harmless := language.harmless.get(rule.kind)) is not None:
            words = harmless.sub(" ~ ", words)
        words = " ".join(rule.unless.sub(" ~ ", words).split())
        if matches := list(rule.words.finditer(words)):
            yield _finding(rule, matches, language=language, number=number, channel=channel)


def _finding(
    rule: PhraseRule, matches: Sequence[Match[str]], *, language: Language, number: int, channel: Channel
) -> Hearing:
    closes: frozenset[Channel] = frozenset()
    if rule.kind in _CLOSING and not rule.doubt:
        closes = phone_at(channel) if rule.phone else frozenset({channel})
        if rule.kind is Kind.OPT_OUT:
            closes = frozenset[Channel]().union(
                *(
                    closed_by(match.group(), _behind(match), channel=channel, names=language.channels)
                    for match in matches
                )
            )
    return Hearing(
        rule=rule,
        grounds=Grounds(kind=rule.kind, words=_shown(matches)),
        sentence=number,
        language=language.name,
        closes=closes,
        closes_address=rule.kind is not Kind.OPT_OUT and bool(closes),
    )


def _shown(matches: Sequence[Match[str]]) -> str:
    """Return the words that decided, as many as one reads at a glance."""
    return " … ".join(dict.fromkeys(match.group().strip(" ,") for match in matches))[:_GLANCE]


def _behind(match: Match[str]) -> str:
    """Return the next few words of the same thought: they may say what is not to be sent any more."""
    return " ".join(match.string[match.end() :].split(",")[0].split()[:_FEW])
