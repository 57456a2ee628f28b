"""From a wording and facts to a message, with all the words that must be in it. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from jinja2 import UndefinedError

from outreach.model.words import Channel
from outreach.wording.blocks import ALWAYS, BLOCKS, ONLY_ON
from outreach.wording.email import as_text, one_line, paragraphs
from outreach.wording.errors import BlockNotFound, FactMissing, TextTooLong, WordingNotFound
from outreach.wording.facts import Prepared, prepare
from outreach.wording.formats import Manner
from outreach.wording.shortening import LETTERS, fold, shortenings
from outreach.wording.sms import Encoding, Size, measure
from outreach.wording.templates import Needs, Wording
from outreach.wording.wordings import Key, Wordings

#: Nobody is sent more in one text, by what it has to be encoded in (459 or 402 characters).
_MOST_SEGMENTS: Mapping[Encoding, int] = {Encoding.GSM7: 3, Encoding.UCS2: 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSms:
    """A text, as it will be sent, and the segments it takes. `given_up` is what was too long to be said."""

    body: str
    segments: int
    language: str
    given_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedEmail:
    """An email, as it will be sent. `text` says all that `html` says."""

    subject: str
    text: str
    html: str
    language: str


Rendered: TypeAlias = RenderedSms | RenderedEmail


def render(
    wordings: Wordings,
    *,
    name: str,
    channel: Channel,
    language: str | None,
    facts: Mapping[str, Any],
    required: Collection[str] = (),
    country: str | None = None,
    today: date | None = None,
) -> Rendered:
    """Render a message in the person's language, or in the fallback when that cannot say all of it.

    `required` names blocks that the policy asks for, beyond those every message carries. All of a
    message is in one language, its required words too. Amounts are written as in `country` (ISO 3166),
    and a day with its year where that is not the year of `today`. A text that is too long gives up the
    link to the person's choices, their name, then the link to pay, then letters that GSM-7 lacks, as far as
    it has to.

    Raises:
        WordingNotFound: nobody wrote this wording for the channel.
        BlockNotFound: it is written, but not with all the words required.
        FactMissing: it names facts that are not known; render nothing, wait for them.
        TextTooLong: no carrier should be asked to deliver it in pieces.
        ValueError: a fact is not what its name says.
    """
    choice = _choose(wordings, name, channel, language, frozenset(required))
    manner = Manner(language=_tag(language, choice.language), country=country, today=today)
    prepared = prepare(facts, names=choice.names, manner=manner)
    needed = _needed(choice, prepared)
    if missing := _unknown(needed, prepared):
        raise FactMissing(name, missing)
    try:
        if channel is Channel.SMS:
            return _sms(name, choice, prepared, needed)
        return _email(wordings, choice, prepared)
    except UndefinedError:
        # A fact asked for by `or` or `not`, which reading the template cannot foresee.
        raise FactMissing(name, _unknown(choice.names, prepared)) from None


def needs(wordings: Wordings, name: str, channel: Channel) -> frozenset[str]:
    """Return the facts, by dotted name, without which the wording is not sent in some language.

    Raises:
        WordingNotFound: nobody wrote this wording for the channel.
    """
    needed = [
        template.needs
        for key, template in wordings.templates.items()
        if key.name == name and key.channel is channel and not key.is_block
    ]
    if not needed:
        raise WordingNotFound(name, channel)
    return frozenset().union(*needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """What a message is made of: all of it in one language."""

    language: str
    wording: Wording
    blocks: Mapping[str, Wording]
    needs: tuple[Needs, ...]
    names: frozenset[str]
    #: Each of the names with its two parts.
    paths: tuple[tuple[str, str, str], ...]


@lru_cache(maxsize=1024)
def _choose(
    wordings: Wordings, name: str, channel: Channel, language: str | None, required: frozenset[str]
) -> _Choice:
    """Return the first language that has the wording and every block it must carry."""
    unsaid: frozenset[str] | None = None
    for tongue in wordings.tongues(language):
        wording = wordings.templates.get(Key(tongue, name, channel))
        if wording is None:
            continue
        wanted = _wanted(wording, channel, required)
        written = {block_name: _block(wordings, tongue, block_name, channel) for block_name in wanted}
        blocks = {name: block for name, block in written.items() if block is not None}
        if len(blocks) == len(wanted):
            parts = [wording, *blocks.values()]
            names = frozenset().union(*(part.names for part in parts))
            return _Choice(
                language=tongue,
                wording=wording,
                blocks={name: blocks[name] for name in BLOCKS if name in blocks},
                needs=tuple(needs for part in parts for needs in part.needs_given),
                names=names,
                paths=tuple((name, *_path(name)) for name in names),
            )
        unsaid = wanted - blocks.keys()
    if unsaid is None:
        raise WordingNotFound(name, channel)
    raise BlockNotFound(name, unsaid)


def _wanted(wording: Wording, channel: Channel, required: frozenset[str]) -> frozenset[str]:
    wanted = ALWAYS[channel] | {name for name in required if ONLY_ON.get(name, channel) is channel}
    if channel is Channel.SMS and "agency.name" in wording.needs:
        wanted -= {"who_we_are"}
    return wanted - wording.covers


def _block(wordings: Wordings, language: str, name: str, channel: Channel) -> Wording | None:
    exact = wordings.templates.get(Key(language, name, channel, is_block=True))
    return exact or wordings.templates.get(Key(language.partition("-")[0], name, channel, is_block=True))


def _unknown(facts: Collection[str], prepared: Prepared) -> frozenset[str]:
    return frozenset(fact for fact in facts if _value(prepared, fact) is None)


def _value(prepared: Prepared, fact: str) -> Any:
    subject, part = _path(fact)
    return prepared[subject][part]


def _path(fact: str) -> tuple[str, str]:
    subject, _, part = fact.partition(".")
    return subject, part


def _needed(choice: _Choice, prepared: Prepared) -> frozenset[str]:
    known = frozenset(fact for fact, subject, part in choice.paths if prepared[subject][part] is not None)
    return _needed_given(choice.needs, known)


@lru_cache(maxsize=1024)
def _needed_given(all_needs: tuple[Needs, ...], known: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(needs.given(known) for needs in all_needs))


def _tag(asked: str | None, written: str) -> str:
    """Return the language of amounts and days: as the person asked for it, if the words are in it."""
    return asked if asked and asked.partition("-")[0] == written.partition("-")[0] else written


def _sms(name: str, choice: _Choice, prepared: Prepared, needed: frozenset[str]) -> RenderedSms:
    """Return the text that gives up least of all that fit."""
    size = Size(Encoding.GSM7, 0)
    for given_up, facts in shortenings(prepared, needs=needed):
        body = _body(choice, facts)
        if LETTERS in given_up:
            body = fold(body)
        size = measure(body)
        if size.segments <= _MOST_SEGMENTS[size.encoding]:
            return RenderedSms(body=body, segments=size.segments, language=choice.language, given_up=given_up)
    raise TextTooLong(name, size.segments, _MOST_SEGMENTS[size.encoding])


def _body(choice: _Choice, facts: Prepared) -> str:
    """Put who we are in front, where the wording does not say it, and the rest behind."""
    texts = {name: block.body.render(facts) for name, block in choice.blocks.items()}
    front = [texts[name] for name in texts if name == "who_we_are"]
    behind = [texts[name] for name in texts if name != "who_we_are"]
    return one_line(" ".join([*front, choice.wording.body.render(facts), *behind]))


def _email(wordings: Wordings, choice: _Choice, prepared: Prepared) -> RenderedEmail:
    assert choice.wording.subject is not None
    texts = {name: block.body.render(prepared) for name, block in choice.blocks.items()}
    subject = one_line(choice.wording.subject.render(prepared))
    body, footer = paragraphs(choice.wording.body.render(prepared)), paragraphs("\n\n".join(texts.values()))
    return RenderedEmail(
        subject=subject,
        text=f"{as_text(body)}\n\n{as_text(footer)}\n",
        html=wordings.page.fill(subject=subject, language=choice.language, body=body, footer=footer),
        language=choice.language,
    )
