"""The words that mean something, read from `phrases/`, one file for each language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import Pattern
from typing import Any

from ruamel.yaml import YAML

from outreach.understanding.plain import plain

_FOLDER = Path(__file__).parent / "phrases"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """What all languages say, together: nobody tells us in which one they write.

    `keywords` and `topics` stand in the order in which they are asked for. `refusals` are
    requests to stop, `sentences` those that are one by themselves, `unless` what makes one
    doubtful; `channels` are the words for each channel.
    """

    courtesies: frozenset[str]
    keywords: Mapping[str, frozenset[str]]
    sentences: frozenset[str]
    refusals: Pattern[str]
    unless: Pattern[str]
    channels: Mapping[str, Pattern[str]]
    topics: Mapping[str, Pattern[str]]


@cache
def phrasebook() -> Phrasebook:
    """Return the phrasebook that is shipped; it is read once."""
    yaml = YAML(typ="safe", pure=True)
    return _combined([yaml.load(path) for path in sorted(_FOLDER.glob("*.yaml"))])


def _combined(languages: list[Mapping[str, Any]]) -> Phrasebook:
    return Phrasebook(
        courtesies=frozenset(plain(phrase) for phrase in _all(languages, "courtesies")),
        keywords={
            kind: frozenset(plain(phrase) for phrase in _all(languages, "keywords", kind))
            for kind in ("opt_out", "opt_in", "help")
        },
        sentences=frozenset(plain(phrase) for phrase in _all(languages, "sentences")),
        refusals=_any_of(_all(languages, "refusals")),
        unless=_any_of(_all(languages, "unless")),
        channels={
            name: _any_of(_all(languages, "channels", name)) for name in ("sms", "email", "voice", "post")
        },
        topics={name: _any_of(_all(languages, "topics", name)) for name in _topics(languages)},
    )


def _topics(languages: list[Mapping[str, Any]]) -> list[str]:
    """Return the topics in the order of the first language that has them."""
    return list(dict.fromkeys(name for language in languages for name in language.get("topics", {})))


def _all(languages: list[Mapping[str, Any]], *path: str) -> list[str]:
    found: list[str] = []
    for language in languages:
        part: Any = language
        for name in path:
            part = part.get(name, {})
        found.extend(part or [])
    return found


def _any_of(patterns: Iterable[str]) -> Pattern[str]:
    """Match any of the phrases as whole words. `<x>` stands for up to three words in between."""
    spelled = [pattern.replace(" <x> ", r"(?: \w+){0,3} ") for pattern in patterns]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)") if spelled else _NEVER
