"""Finds templates that are written in another language than whoever gets them reads."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from outreach.guidance.checking.leftovers import as_sent
from outreach.guidance.checking.material import Material
from outreach.guidance.files.folder import TEMPLATES, own_templates
from outreach.model.finding import Finding, Severity
from outreach.wording.wordings import key_of

#: Little words that nearly every sentence has some of, and none of which the other language has too.
_LITTLE: Final[Mapping[str, frozenset[str]]] = {
    "en": frozenset({
        "and", "are", "at", "but", "by", "can", "do", "for", "from", "have", "here", "if", "is", "it", "not",
        "of", "on", "or", "our", "that", "the", "there", "this", "to", "we", "what", "when", "will", "with",
        "would", "you", "your",
    }),
    "es": frozenset({
        "al", "con", "cuando", "de", "del", "desde", "el", "en", "es", "esta", "este", "hay", "la", "las",
        "le", "lo", "los", "nos", "nuestro", "o", "para", "pero", "por", "puede", "que", "qué", "se", "si",
        "sin", "su", "sus", "un", "una", "usted", "y",
    }),
}  # fmt: skip
_NAMES: Final[Mapping[str, str]] = {"en": "English", "es": "Spanish"}
#: Fewer words may be a name or a title; and so many times the words of its own language make it clear.
_AT_LEAST, _TIMES = 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLanguage:
    """A language that a text is written in, and where its first word stands."""

    language: str
    start: int


def check_tongues(material: Material) -> Iterator[Finding]:
    """Yield a warning for each of the agency's own templates in which another language is clear."""
    for file, text in own_templates(material.folder.files).items():
        key = key_of(file)
        found = None if key is None else other_language(text, key.language)
        if key is None or found is None:
            continue
        own, other = _NAMES[key.language.partition("-")[0]], _NAMES[found.language]
        yield Finding(
            file=f"{TEMPLATES}/{file}",
            line=text.count("\n", 0, found.start) + 1,
            column=found.start - text.rfind("\n", 0, found.start),
            message=f"is written in {other}: whoever reads {own} gets this",
            fix=f"write it in {own}, or move it to {TEMPLATES}/{found.language}/",
            severity=Severity.WARNING,
        )


def other_language(text: str, language: str) -> OtherLanguage | None:
    """Return which language a template is written in, if that is clearly not its own, and from where on."""
    own = language.partition("-")[0]
    if own not in _LITTLE:
        return None
    plain = as_sent(text)
    here = _little_words(plain, own)
    for other in _LITTLE.keys() - {own}:
        there = _little_words(plain, other)
        if len(there) >= max(_AT_LEAST, _TIMES * len(here)):
            return OtherLanguage(language=other, start=there[0].start())
    return None


def _little_words(plain: str, language: str) -> list[re.Match[str]]:
    words = re.finditer(r"[^\W\d_]+", plain)
    return [word for word in words if word.group().lower() in _LITTLE[language]]
