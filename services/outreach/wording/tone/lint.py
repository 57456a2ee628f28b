"""Finds what is unkind, untrue or unclear in a text, before anybody is sent it."""

from collections.abc import Collection, Iterator

from outreach.wording.readability import reading_age
from outreach.wording.tone.harms import Harm, Remark
from outreach.wording.tone.loudness import shouting
from outreach.wording.tone.plain_text import PlainText, plain_text
from outreach.wording.tone.questions import too_many_questions
from outreach.wording.tone.rulebook import Rulebook, Rules, rulebook
from outreach.wording.tone.telling import is_nameless

#: A text for older readers than this is too hard. Eleven is the aim; the formulas waver on short texts.
OLDEST_READER = 14
_READING = "Say it in shorter sentences and shorter words."
_COMPANY = "We"


def lint(
    text: str, *, language: str = "en", subject: str | None = None, names: Collection[str] = ()
) -> list[Remark]:
    """Return what can be said against a text and its subject line, by harm, each with its words.

    `names` are proper names, whose capitals and length are nobody's fault. A language without rules is
    looked through for shouting and questions alone.
    """
    spoken = language.partition("-")[0].lower()
    text = _without(text, names)
    subject = None if subject is None else _without(subject, names)
    remarks: list[Remark] = []
    if (book := rulebook(spoken)) is not None:
        remarks += _harms(book, text, language=spoken)
        if subject is not None:
            remarks += _harms(book, subject, language=spoken, is_subject=True)
    for part in filter(None, [subject, text]):
        remarks += shouting(part, language=spoken)
    remarks += too_many_questions(text)
    age = reading_age(text, language=spoken)
    if age is not None and age > OLDEST_READER:
        remarks.append(Remark(Harm.READING_AGE, f"a reader of {age:.0f}", _READING))
    return sorted(dict.fromkeys(remarks), key=lambda remark: list(Harm).index(remark.harm))


def _harms(book: Rulebook, written: str, *, language: str, is_subject: bool = False) -> Iterator[Remark]:
    text = plain_text(written)
    nameless = not is_subject and is_nameless(written, language=language)
    for harm, rules in book.harms.items():
        spans = set(_spans(book, rules, text, nameless=nameless))
        if is_subject:
            spans.update(_of_subject(rules, text))
        for start, end in _widest(spans):
            yield Remark(harm, text.as_written(start, end), rules.suggestion)


def _spans(
    book: Rulebook, rules: Rules, text: PlainText, *, nameless: bool
) -> Iterator[tuple[int, int]]:
    """Yield where the words of a harm stand that their clause does not take back."""
    for begins, sentence in text.sentences():
        if rules.redeems.search(sentence):
            continue
        for found in rules.patterns.finditer(sentence):
            if not book.denies(sentence, *found.span()):
                yield begins + found.start(), begins + found.end()
        for pattern in [rules.always, *([rules.nameless] if nameless else [])]:
            for found in pattern.finditer(sentence):
                yield begins + found.start(), begins + found.end()


def _of_subject(rules: Rules, subject: PlainText) -> Iterator[tuple[int, int]]:
    if not rules.redeems.search(subject.text):
        yield from (found.span() for found in rules.subject.finditer(subject.text))


def _widest(spans: Collection[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Leave out what stands within another find."""
    ended = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > ended:
            yield start, end
            ended = end


def _without(text: str, names: Collection[str]) -> str:
    """Put a plain word in the place of proper names: their length and capitals are not the author's."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, _COMPANY)
    return text
