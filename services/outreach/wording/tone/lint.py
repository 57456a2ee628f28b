"""Finds what is unkind, untrue or unclear in a text, before anybody is sent it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from outreach.wording.readability import reading_age
from outreach.wording.tone.harms import Harm, Remark
from outreach.wording.tone.loudness import shouting
from outreach.wording.tone.plain_text import BLANK, PlainText, plain_text
from outreach.wording.tone.questions import second_question
from outreach.wording.tone.rulebook import Denials, Rulebook, Rules, rulebook, voice
from outreach.wording.tone.telling import is_nameless
from outreach.wording.tone.weighing import weigh

#: A text for older readers than this is too hard. Eleven is the aim; the formulas waver on short texts.
OLDEST_READER = 14
_READING = "Say it in shorter sentences and shorter words."
_QUESTIONS = "Ask one thing at a time."
_NAME = "We"
_ORDER = {harm: place for place, harm in enumerate(Harm)}


def lint(
    text: str, *, language: str = "en", subject: str | None = None, names: Collection[str] = ()
) -> list[Remark]:
    """Return what can be said against a text and its subject line, by harm, each with its words.

    `names` are proper names, whose capitals and length are nobody's fault. A language without rules is
    looked through for shouting and questions alone.
    """
    spoken = language.partition("-")[0].lower()
    parts = [_Part(text, _masked(text, names))]
    if subject is not None:
        parts.append(_Part(subject, _masked(subject, names), is_subject=True))
    remarks = [remark for part in parts for remark in _remarks(part, language=spoken)]
    age = reading_age(parts[0].masked, language=spoken)
    if age is not None and age > OLDEST_READER:
        remarks.append(Remark(Harm.READING_AGE, f"a reader of {age:.0f}", _READING))
    return sorted(dict.fromkeys(remarks), key=lambda remark: _ORDER[remark.harm])


@dataclass(frozen=True, slots=True)
class _Part:
    """A body or a subject line; in `masked` every proper name is as long as it was written."""

    written: str
    masked: str
    is_subject: bool = False

    def words(self, start: int, end: int) -> str:
        return " ".join(self.written[start:end].split()).strip(" ,-–—")


def _remarks(part: _Part, *, language: str) -> Iterator[Remark]:
    if (book := rulebook(language)) is not None:
        nameless = not part.is_subject and is_nameless(part.written, language=language)
        text = plain_text(part.masked)
        found: list[tuple[int, int]] = []
        for harm, rules in book.harms.items():
            spans = set(_spans(book, rules, text, nameless=nameless))
            if part.is_subject:
                spans.update(_of_subject(rules, text))
            for start, end in _widest(spans):
                found.append((start, end))
                yield Remark(harm, part.words(*text.written_at(start, end)), rules.suggestion)
        yield from _weighed(book, part, text, found)
    for start, end in shouting(part.masked, language=language):
        yield Remark(Harm.SHOUTING, part.words(start, end), voice(language).suggestion)
    if (question := second_question(part.masked)) is not None:
        yield Remark(Harm.QUESTIONS, part.words(*question), _QUESTIONS)


def _weighed(
    book: Rulebook, part: _Part, text: PlainText, found: Collection[tuple[int, int]]
) -> Iterator[Remark]:
    """Yield what the model says of sentences in which no rule finds anything, nor takes it back."""
    for begins, sentence in [(0, text.text)] if part.is_subject else text.sentences():
        if any(begins <= start < begins + len(sentence) for start, _ in found):
            continue
        harms = [
            harm
            for harm, rules in book.harms.items()
            if (harm is Harm.DECEPTIVE_SUBJECT) is part.is_subject
            and not rules.redeems.search(sentence)
            and not rules.patterns.search(sentence)
        ]
        if (weighed := weigh(sentence, harms=harms, is_subject=part.is_subject)) is not None:
            words = part.words(*text.written_at(begins, begins + len(sentence)))
            yield Remark(weighed.harm, words, book.harms[weighed.harm].suggestion, weighed.words)


def _spans(book: Rulebook, rules: Rules, text: PlainText, *, nameless: bool) -> Iterator[tuple[int, int]]:
    """Yield where the words of a harm stand that their clause does not take back."""
    for begins, sentence in text.sentences():
        if rules.redeems.search(sentence):
            continue
        denials: Denials | None = None
        for found in rules.patterns.finditer(sentence):
            denials = denials or book.denials(sentence)
            if not denials.cover(*found.span()):
                yield begins + found.start(), begins + found.end()
        for pattern in [rules.always, *([rules.nameless] if nameless else [])]:
            for found in pattern.finditer(sentence):
                yield begins + found.start(), begins + found.end()


def _of_subject(rules: Rules, subject: PlainText) -> Iterator[tuple[int, int]]:
    yield from (found.span() for found in rules.always.finditer(subject.text))
    if not rules.redeems.search(subject.text):
        yield from (found.span() for found in rules.subject.finditer(subject.text))


def _widest(spans: Collection[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join finds that overlap into one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    yield from joined


def _masked(text: str, names: Collection[str]) -> str:
    """Put a plain word as long in the place of proper names: their capitals are not the author's."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, _NAME.ljust(len(name), BLANK)[: len(name)])
    return text
