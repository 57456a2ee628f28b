"""The words that harm, read from `rules/`, one file for each language."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import Pattern
from typing import Any

from outreach.wording.tone.harms import Harm

_FOLDER = Path(__file__).parent / "rules"
_NEVER = re.compile(r"(?!)")
_LIST = re.compile(r"<([a-z_]+)>")
#: A gap between words, what keeps its spaces (a set of letters, a space that may be left out), or a space.
_TOKEN = re.compile(r" ?<(?P<gap>x{1,2})> ?|\\.|\[(?:\\.|[^\]])*\]| [?*+{]|(?P<space> )")
#: What may stand where a pattern has a space, and what is a word between.
_SPACE = r"[ ,()\"“”/&*]+"
_WORD = r"[^\s,.;:!?()]+(?:[.,:]\d+)*"
#: `<x>` and `<xx>`: how many words may stand between.
_BETWEEN = {"x": 3, "xx": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one harm: see `rules/en.toml` for what each of them means."""

    suggestion: str
    patterns: Pattern[str]
    always: Pattern[str]
    nameless: Pattern[str]
    subject: Pattern[str]
    redeems: Pattern[str]
    bad: tuple[str, ...]
    good: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of one language, and how it says no."""

    harms: Mapping[Harm, Rules]
    negations: Pattern[str]
    though: Pattern[str]
    clauses: Pattern[str]
    after: Pattern[str]

    def denials(self, sentence: str) -> "Denials":
        """Return what a sentence takes back, worked out once for all that is found in it."""
        return Denials(
            book=self,
            sentence=sentence,
            clauses=tuple(clause.start() for clause in self.clauses.finditer(sentence)),
            denying=tuple(word.end() for word in self.negations.finditer(self.though.sub(_blank, sentence))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Denials:
    """Where the clauses of a sentence begin, and where its words that say no end."""

    book: Rulebook
    sentence: str
    clauses: tuple[int, ...]
    denying: tuple[int, ...]

    def cover(self, start: int, end: int) -> bool:
        """True if the clause around these words says that they are not so."""
        begins = max((clause for clause in self.clauses if clause <= start), default=0)
        if any(begins < word <= start for word in self.denying):
            return True
        return self.book.after.match(self.sentence, end) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What is loud: `loud` words that nobody needs to shout, `typed` words that stand before what is typed.

    `asks` are the words of a request, which no exclamation mark may end.
    """

    suggestion: str = "Lower your voice."
    loud: frozenset[str] = frozenset()
    typed: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """By which words a message tells who writes, for whom, and what can be done, and what to say else.

    `greetings` stand before the reader's name; `openings` are words that a capital makes no name of;
    `owed_to` stands before the name of whom the money is owed to, and of nobody who writes.
    """

    who: str
    for_whom: str
    what_you_can_do: str
    greetings: frozenset[str]
    openings: frozenset[str]
    friends: Pattern[str]
    asks: Pattern[str]
    actions: Pattern[str]
    collector: Pattern[str]
    money: Pattern[str]
    unpaid: Pattern[str]
    settled: Pattern[str]
    owed_to: Pattern[str]


def languages() -> frozenset[str]:
    """Return the languages that have rules."""
    return frozenset(path.stem for path in _FOLDER.glob("*.toml"))


@cache
def rulebook(language: str) -> Rulebook | None:
    """Return the rules of a language, such as `en`; None where there are none. Each is read once."""
    if (written := _written(language)) is None:
        return None
    compiler = _Compiler(written)
    return Rulebook(
        harms={Harm(name): compiler.rules(rules) for name, rules in written["harms"].items()},
        negations=compiler.any_of(written["negations"]),
        though=compiler.any_of(written["though"]),
        clauses=compiler.any_of(written["clauses"]),
        after=re.compile(_SPACE + compiler.any_of(written["after"]).pattern),
    )


@cache
def voice(language: str) -> Voice:
    """Return what is loud in a language; where there are no rules, three words in capitals are."""
    if (written := _written(language)) is None:
        return Voice()
    loud = written["shouting"]
    return Voice(
        suggestion=loud["suggestion"],
        loud=frozenset(loud["loud"].split()),
        typed=frozenset(loud["typed"]),
        asks=frozenset(loud["asks"]),
    )


@cache
def telling(language: str) -> Telling | None:
    """Return how a language says who writes; None where there are no rules."""
    if (written := _written(language)) is None:
        return None
    tells = written["telling"]
    compiler = _Compiler(written)
    return Telling(
        who=tells["who"],
        for_whom=tells["for_whom"],
        what_you_can_do=tells["what_you_can_do"],
        greetings=frozenset(tells["greetings"]),
        openings=frozenset(tells["openings"].split()),
        friends=compiler.any_of([tells["friends"]]),
        asks=compiler.any_of([tells["asks"]]),
        actions=compiler.any_of([tells["actions"]]),
        collector=compiler.any_of([tells["collector"]]),
        money=compiler.any_of([tells["money"]]),
        unpaid=compiler.any_of([tells["unpaid"]]),
        settled=compiler.any_of([tells["settled"]]),
        owed_to=compiler.any_of([tells["owed_to"]]),
    )


@cache
def _written(language: str) -> Mapping[str, Any] | None:
    if language not in languages():
        return None
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


class _Compiler:
    """Makes regular expressions of the patterns of one file."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        self._lists: Mapping[str, str] = written["words"]
        negations = "|".join(word for word in written["negations"] if " " not in word)
        self._word = rf"(?!(?:{negations})(?!\w)){_WORD}"

    def rules(self, written: Mapping[str, Any]) -> Rules:
        return Rules(
            suggestion=written["suggestion"],
            patterns=self.any_of(written.get("patterns", ())),
            always=self.any_of(written.get("always", ())),
            nameless=self.any_of(written.get("nameless", ())),
            subject=self.any_of(written.get("subject", ())),
            redeems=self.any_of(written.get("redeems", ())),
            bad=tuple(written["bad"]),
            good=tuple(written["good"]),
        )

    def any_of(self, patterns: Iterable[str]) -> Pattern[str]:
        """Match any of the patterns, as whole words."""
        spelled = [self._spelled(pattern) for pattern in patterns]
        return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?:(?!\w)|(?<!\w))") if spelled else _NEVER

    def _spelled(self, pattern: str) -> str:
        while (named := _LIST.sub(self._list, pattern)) != pattern:
            pattern = named
        return _TOKEN.sub(self._token, pattern)

    def _list(self, name: re.Match[str]) -> str:
        return name.group() if name[1] in _BETWEEN else self._lists[name[1]]

    def _token(self, token: re.Match[str]) -> str:
        if (gap := token["gap"]) is not None:
            return f"(?:{_SPACE}{self._word}){{0,{_BETWEEN[gap]}}}{_SPACE}"
        return token.group() if token["space"] is None else _SPACE


def _blank(words: re.Match[str]) -> str:
    return " " * len(words.group())
