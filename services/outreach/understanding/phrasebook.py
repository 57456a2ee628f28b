"""What each language says, read from `phrases/`: one file for each, and one reading of it."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import Pattern
from typing import Any, Final

from outreach.understanding.kinds import Kind
from outreach.understanding.spelling import Spelling

_FOLDER = Path(__file__).parent / "phrases"
_NEVER: Final = re.compile(r"(?!)")

#: Shorthands of every language, beside the classes of its own.
_SHORTHANDS: Final = {"begin": "(?:^|(?<=, ))", "end": "(?:$|(?= ,))"}
_CLASS: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule:
    """Words that give an answer a kind.

    `doubt`: what the kind would close stays open until a human has looked. `vague`: it closes
    something only where no other rule of its kind does in the same sentence. `phone`: it closes the
    phone as such, whether it rings or buzzes. `hears` and `leaves` are its test sentences.
    """

    kind: Kind
    words: Pattern[str]
    unless: Pattern[str]
    doubt: bool
    vague: bool
    phone: bool
    hears: Sequence[str]
    leaves: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What is said in one language.

    `keywords` count when they are the whole message, give or take `courtesies`. `harmless` is
    blanked out before the rules of its kind are tried. Where `left_to_rules` finds something, only
    rules give its kind. Where `against` finds something, nothing is closed by its kind, whoever gives
    it. `channels` are the words for each channel, and for `all` of them. `given_names` are names that
    are no other word.
    """

    name: str
    spelling: Spelling
    courtesies: frozenset[str]
    keywords: Mapping[Kind, frozenset[str]]
    channels: Mapping[str, Pattern[str]]
    harmless: Mapping[Kind, Pattern[str]]
    left_to_rules: Mapping[Kind, Pattern[str]]
    against: Mapping[Kind, Pattern[str]]
    rules: Sequence[PhraseRule]
    given_names: frozenset[str]


@cache
def languages() -> Sequence[Language]:
    """Return every language that we understand; nobody tells us in which one they write."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.toml")))


def _read(path: Path) -> Language:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    classes = {**_SHORTHANDS, **content.get("words", {})}

    def compiled(patterns: Iterable[str]) -> Pattern[str]:
        return _any_of(_spelled_out(pattern, classes) for pattern in patterns)

    rules = [
        PhraseRule(
            kind=kind,
            words=compiled(row["any"]),
            unless=compiled(row.get("not", [])),
            doubt=row.get("doubt", False),
            vague=row.get("vague", False),
            phone=row.get("closes") == "phone",
            hears=row.get("hears", ()),
            leaves=row.get("leaves", ()),
        )
        for kind in Kind
        for row in content.get(kind.value, [])
    ]
    spelling = Spelling.of(content, known=_literal_words(content))
    keywords = content.get("keywords", {})

    def by_kind(table: str) -> Mapping[Kind, Pattern[str]]:
        return {Kind(name): compiled(words) for name, words in content.get(table, {}).items()}

    return Language(
        name=path.stem,
        spelling=spelling,
        courtesies=frozenset(content.get("courtesies", [])),
        keywords={Kind(name): _keywords(words, spelling) for name, words in keywords.items()},
        channels={name: compiled([words]) for name, words in content.get("channels", {}).items()},
        harmless=by_kind("harmless"),
        left_to_rules=by_kind("left_to_rules"),
        against=by_kind("against"),
        rules=rules,
        given_names=frozenset(classes.get("name", "").split("|")) - {""},
    )


def _keywords(words: Iterable[str], spelling: Spelling) -> frozenset[str]:
    """Return keywords as they are heard, with and without what weighs nothing in them."""
    forms = {form for word in words for form in (spelling.spelled(word), spelling.heard(word))}
    return frozenset(" ".join(form.replace(",", " ").split()) for form in forms) - {""}


def _spelled_out(pattern: str, classes: Mapping[str, str]) -> str:
    """Put the classes of words in the place of their names; a class may name others."""
    while (named := _CLASS.search(pattern)) is not None:
        pattern = f"{pattern[: named.start()]}(?:{classes[named[1]]}){pattern[named.end() :]}"
    return pattern


def _any_of(patterns: Iterable[str]) -> Pattern[str]:
    """Match any of the patterns as whole words."""
    spelled = list(patterns)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)") if spelled else _NEVER


def _literal_words(content: Mapping[str, Any]) -> frozenset[str]:
    """Return every word that stands in a file, so that no other word is taken for a misspelling of it."""
    found: set[str] = set()
    waiting: list[Any] = [value for name, value in content.items() if name not in {"same", "fuzzy"}]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            found.update(re.findall(r"[^\W\d_]{2,}", part))
        elif isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return frozenset(found)
