"""Required words that an agency wrote itself: none of them may be empty or untrue."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from outreach.guidance.files.folder import TEMPLATES
from outreach.model.finding import Finding, Severity
from outreach.model.words import Channel
from outreach.understanding.kinds import Kind
from outreach.understanding.understand import understand
from outreach.wording.blocks import PHRASES
from outreach.wording.email import as_text, paragraphs
from outreach.wording.facts import prepare
from outreach.wording.formats import Manner
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.templates import Wording
from outreach.wording.wordings import Key, Wordings

#: A word that people are to type: in capitals, in quotes, or behind a word such as "reply".
_TO_TYPE: Final = re.compile(
    r"\b(?-i:[A-ZÁÉÍÓÚÑ]{2,}(?: [A-ZÁÉÍÓÚÑ]{2,})?)\b"
    r"|[\"“«']([^\"”»']{2,20})[\"”»']"
    r"|\b(?:reply|text|send|type|answer|respond(?:a|e|er)?|env[ií][ae]r?|escrib[ae]|conteste|mande|répondez"
    r"|envoyez|responda|antworten sie mit) (?:with |con |par |a |la palabra |the word )?(\w{2,})",
    re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"\{#.*?#\}", re.DOTALL)
_ANSWERED_BY_START: Final = "opt_out_confirmation"
#: Facts with which a block is tried: all that every message knows, and nothing that it may lack.
_KNOWN: Final[Mapping[str, Mapping[str, Any]]] = {
    "agency": SAMPLE_FACTS["agency"],
    "links": {"unsubscribe": SAMPLE_FACTS["links"]["unsubscribe"]},
}


def unsaid_in(wordings: Wordings, own: Mapping[str, str]) -> Iterator[Finding]:
    """Yield an error for each required block of the agency's own that does not say what it is there for.

    `own` are the agency's templates, by their path below `templates/`.
    """
    for key, wording in wordings.templates.items():
        file = f"{key.language}/{'blocks/' if key.is_block else ''}{key.name}.{key.channel}.txt"
        if file not in own:
            continue
        if key.is_block:
            found = _of_block(key, wording)
        elif "opt_out_line" in wording.covers and key.name != _ANSWERED_BY_START:
            found = _stops(_COMMENT.sub("", own[file]), language=key.language)
        else:
            continue
        yield from (replace(finding, file=f"{TEMPLATES}/{file}") for finding in found)


def words_to_type(text: str) -> Sequence[str]:
    """Return the words that a text asks people to type."""
    found = [next(part for part in (word[1], word[2], word[0]) if part) for word in _TO_TYPE.finditer(text)]
    return list(dict.fromkeys(found))


def _of_block(key: Key, wording: Wording) -> Iterator[Finding]:
    said = said_by(wording)
    if not said.strip():
        message = f"`{key.name}` says nothing: messages would go out without it"
        yield Finding(
            file="", message=message, fix="delete the file to have the shipped words, or write them"
        )
    elif key.name == "opt_out_line":
        if key.channel is Channel.SMS:
            yield from _stops(said, language=key.language)
        elif SAMPLE_FACTS["links"]["unsubscribe"] not in said:
            message = "nobody could stop these emails: the block does not always hold the link"
            fix = 'write {{ link("Stop these emails", links.unsubscribe) }}, outside of any `if`'
            yield Finding(file="", message=message, fix=fix)
    elif key.name in {"who_we_are", "postal_address"}:
        fact = "name" if key.name == "who_we_are" else "postal_address"
        if SAMPLE_FACTS["agency"][fact] not in said:
            message = f"`{key.name}` does not always name agency.{fact}"
            yield Finding(file="", message=message, fix=f"write {{{{ agency.{fact} }}}}")
    else:
        yield from _duty(key, said)


def said_at_all(text: str) -> bool:
    """True where a template says anything besides notes to its writers."""
    return bool(_COMMENT.sub("", text).strip())


def _stops(text: str, *, language: str) -> Iterator[Finding]:
    words = words_to_type(text)
    if any(_is_stop(word, language) for word in words):
        return
    fix = "write STOP in capitals, as in: Reply STOP to stop texts"
    if language.partition("-")[0] == "es":
        fix = "escriba STOP o ALTO en mayúsculas, como en: Responda STOP"
    named = " and ".join(f"`{word}`" for word in words[:3])
    message = f"{named} is not read as a stop" if named else "names no word that people can stop texts by"
    yield Finding(file="", message=message, fix=fix)


def _is_stop(word: str, language: str) -> bool:
    meant = understand(word, language=language)
    return meant.kinds == (Kind.OPT_OUT,) and not meant.doubtful


def _duty(key: Key, said: str) -> Iterator[Finding]:
    phrases = PHRASES[key.name].get(key.language.partition("-")[0])
    if phrases is None:
        message = f"nobody has told us which words `{key.name}` must have in `{key.language}`"
        fix = "have a lawyer read it; English must hold: " + ", ".join(
            phrase.example for phrase in PHRASES[key.name]["en"]
        )
        yield Finding(file="", message=message, fix=fix, severity=Severity.WARNING)
        return
    if missing := [phrase for phrase in phrases if not phrase.pattern.search(said)]:
        message = f"`{key.name}` lacks words that it is there for ({missing[0].source})"
        fix = f"say: {', and: '.join(phrase.example for phrase in missing)}"
        yield Finding(file="", message=message, fix=fix)


def said_by(wording: Wording) -> str:
    """Return what a block says where no more is known than every message knows."""
    prepared = prepare(_KNOWN, names=wording.names, manner=Manner(language="en"))
    return as_text(paragraphs(wording.body.render(prepared)))
