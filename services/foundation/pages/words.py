"""The words of pages: a file for each language, all of which say the same things."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources.abc import Traversable
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

#: The language whose words every other file has, and that a reader of another language gets.
FIRST: Final = "en"
_ENDING: Final = ".toml"
_PLACE = re.compile(r"\{([a-z_]*)\}")
_ACCEPTED = re.compile(r"([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*(?:;q=([01](?:\.[0-9]{0,3})?))?")


class WordsIncomplete(Exception):
    """A language does not say all that English says; each of `problems` names its file and the place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Words:
    """What pages say in one language. `name` is what its speakers call it."""

    language: str
    name: str
    locale: Locale
    texts: Mapping[str, str]

    def say(self, place: str, **facts: str) -> str:
        """Return the text of a place such as `done.title`, with its facts.

        Raises:
            KeyError: there is no such text, or a fact that it names is missing.
        """
        # A fact such as "3 p.m." may end the sentence, and its full stop too.
        return self.texts[place].format_map(facts).replace("..", ".")

    def tongue(self, code: str) -> str:
        """Return what this language calls another, such as "inglés"; where it has no word, the code."""
        name: str = self.locale.languages.get(code.partition("-")[0], code)
        return name

    def day(self, day: date) -> str:
        """Return a day as it is written in full, such as "Monday, March 2"."""
        written: str = format_date(day, self.texts["day"], locale=self.locale)
        return written

    def clock(self, at: datetime | time) -> str:
        """Return a time of day as it is written, such as "9:30 AM"."""
        written: str = format_time(at, "short", locale=self.locale)
        return written.replace("\u202f", "\u00a0")

    def weekday(self, number: int, *, width: str = "wide") -> str:
        """Return the name of a day of the week; 0 is Monday."""
        names: Mapping[int, str] = self.locale.days["stand-alone"][width]
        return names[number]


def read_words(folder: Traversable) -> Mapping[str, Words]:
    """Return the words of each language that has a file there, by the language, English first.

    Raises:
        WordsIncomplete: a language lacks a text or a fact in one, has one that English has not, or its
            file cannot be read. Half a language is none.
    """
    problems: list[str] = []
    found: dict[str, Words] = {}
    paths = sorted(
        (path for path in folder.iterdir() if path.name.endswith(_ENDING)),
        key=lambda path: (path.name != FIRST + _ENDING, path.name),
    )
    for path in paths:
        try:
            words = _read(path)
        except (ValueError, KeyError, UnknownLocaleError) as error:
            problems.append(f"{path.name}: cannot be read: {error}")
            continue
        problems.extend(_unlike(words, found.get(FIRST, words)))
        found[words.language] = words
    if FIRST not in found:
        problems.append(f"{FIRST}{_ENDING}: is missing")
    if problems:
        raise WordsIncomplete(problems)
    return found


def pick_language(offered: Iterable[str], *wanted: str | None, accepted: str | None = None) -> str:
    """Return the first wanted language that is offered, else what the browser accepts, else English.

    A wanted language may be a tag such as `es-US`. `accepted` is the header `Accept-Language`, in which
    anything may stand.
    """
    known = set(offered)
    for tag in wanted:
        if tag is not None and (language := tag.partition("-")[0].lower()) in known:
            return language
    ranked = sorted(_accepted(accepted or ""), key=lambda entry: -entry[1])
    return next((language for language, weight in ranked if language in known and weight > 0), FIRST)


def _accepted(header: str) -> Iterator[tuple[str, float]]:
    for part in header[:500].split(","):
        found = _ACCEPTED.fullmatch(part.replace(" ", ""))
        if found is not None:
            yield found[1].lower(), float(found[2] or 1)


def _read(path: Traversable) -> Words:
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = dict(_texts(written, ()))
    locale = Locale.parse(texts.pop("locale"))
    return Words(path.name.removesuffix(_ENDING), texts.pop("name"), locale, texts)


def _texts(written: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, value in written.items():
        place = (*above, name)
        if isinstance(value, Mapping):
            yield from _texts(value, place)
        elif isinstance(value, str) and value.strip():
            yield ".".join(place), value
        else:
            raise ValueError(f"{'.'.join(place)} must be a text")


def _unlike(words: Words, first: Words) -> Iterator[str]:
    """Yield in what a language says less, or more, than English."""
    file = words.language + _ENDING
    for place in sorted(first.texts.keys() - words.texts.keys()):
        yield f"{file}: {place} is missing"
    for place in sorted(words.texts.keys() - first.texts.keys()):
        yield f"{file}: {place} is said nowhere; take it out"
    for place in sorted(words.texts.keys() & first.texts.keys()):
        mine, its = (set(_PLACE.findall(language.texts[place])) for language in (words, first))
        if mine != its:
            yield f"{file}: {place} must name {', '.join(sorted(its)) or 'no fact'}"
