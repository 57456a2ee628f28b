"""From a wording and facts to a message, with all the words that must be in it. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from jinja2 import UndefinedError

from outreach.model.words import Channel
from outreach.wording.blocks import ALWAYS, BLOCKS, ONLY_ON
from outreach.wording.email import as_html, as_text, one_line
from outreach.wording.errors import BlockNotFound, FactMissing, TextTooLong, WordingNotFound
from outreach.wording.facts import Prepared, prepare
from outreach.wording.sms import Encoding, measure
from outreach.wording.templates import Wording
from outreach.wording.wordings import Key, Wordings

#: Nobody is sent more in one text, by what it has to be encoded in (459 or 402 characters).
_MOST_SEGMENTS: Mapping[Encoding, int] = {Encoding.GSM7: 3, Encoding.UCS2: 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSms:
    """A text, as it will be sent, and the segments it takes."""

    body: str
    segments: int
    language: str


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
) -> Rendered:
    """Render a message in the person's language, or in the fallback when that cannot say all of it.

    `required` names blocks that the policy asks for, beyond those every message carries. All of a
    message is in one language, its required words too.

    Raises:
        WordingNotFound: nobody wrote this wording for the channel.
        BlockNotFound: it is written, but not with all the words required.
        FactMissing: it names facts that are not known; render nothing, wait for them.
        TextTooLong: no carrier should be asked to deliver it in pieces.
        ValueError: a fact is not what its name says.
    """
    tongue, wording, blocks = _choose(
        wordings, name=name, channel=channel, language=language, required=required
    )
    prepared = prepare(facts)
    if missing := _missing([wording, *blocks.values()], prepared):
        raise FactMissing(name, missing)
    try:
        said = {each: one_line(block.body.render(prepared)) for each, block in blocks.items()}
        if channel is Channel.SMS:
            return _sms(name, wording, said, prepared, language=tongue)
        return _email(wordings, wording, said, prepared, language=tongue)
    except UndefinedError:
        # A fact asked for by `or` or `not`, which reading the template cannot foresee.
        unknown = frozenset(each for each in wording.names if _value(prepared, each) is None)
        raise FactMissing(name, unknown) from None


def needs(wordings: Wordings, name: str, channel: Channel) -> frozenset[str]:
    """Return the facts, by dotted name, without which the wording is not sent in some language.

    Raises:
        WordingNotFound: nobody wrote this wording for the channel.
    """
    found = [
        each.needs
        for key, each in wordings.templates.items()
        if key.name == name and key.channel is channel and not key.is_block
    ]
    if not found:
        raise WordingNotFound(name, channel)
    return frozenset().union(*found)


def _choose(
    wordings: Wordings, *, name: str, channel: Channel, language: str | None, required: Collection[str]
) -> tuple[str, Wording, Mapping[str, Wording]]:
    """Return the first language that has the wording and every block it must carry."""
    unsaid: frozenset[str] | None = None
    for tongue in _tongues(language, wordings.fallback):
        wording = wordings.templates.get(Key(tongue, name, channel))
        if wording is None:
            continue
        wanted = _wanted(wording, channel, required)
        found = {each: _block(wordings, tongue, each, channel) for each in wanted}
        blocks = {each: block for each, block in found.items() if block is not None}
        if len(blocks) == len(wanted):
            return tongue, wording, {each: blocks[each] for each in BLOCKS if each in blocks}
        unsaid = frozenset(wanted) - blocks.keys()
    if unsaid is None:
        raise WordingNotFound(name, channel)
    raise BlockNotFound(name, unsaid)


def _tongues(language: str | None, fallback: str) -> Iterator[str]:
    """Yield `es-MX`, `es`, then the fallback."""
    if language:
        yield language
        if "-" in language:
            yield language.partition("-")[0]
    yield fallback


def _wanted(wording: Wording, channel: Channel, required: Collection[str]) -> frozenset[str]:
    wanted = ALWAYS[channel] | {each for each in required if ONLY_ON.get(each, channel) is channel}
    if channel is Channel.SMS and "agency.name" in wording.needs:
        wanted -= {"who_we_are"}
    return wanted - wording.covers


def _block(wordings: Wordings, language: str, name: str, channel: Channel) -> Wording | None:
    exact = wordings.templates.get(Key(language, name, channel, is_block=True))
    return exact or wordings.templates.get(Key(language.partition("-")[0], name, channel, is_block=True))


def _missing(parts: Collection[Wording], prepared: Prepared) -> frozenset[str]:
    return frozenset(fact for each in parts for fact in each.needs if _value(prepared, fact) is None)


def _value(prepared: Prepared, fact: str) -> Any:
    subject, _, part = fact.partition(".")
    return prepared[subject][part]


def _sms(
    name: str, wording: Wording, said: Mapping[str, str], prepared: Prepared, *, language: str
) -> RenderedSms:
    """Put who we are in front, where the wording does not say it, and the rest behind."""
    behind = [text for block, text in said.items() if block != "who_we_are"]
    front = [said["who_we_are"]] if "who_we_are" in said else []
    body = as_text(" ".join([*front, one_line(wording.body.render(prepared)), *behind]))
    size = measure(body)
    if size.segments > _MOST_SEGMENTS[size.encoding]:
        raise TextTooLong(name, size.segments, _MOST_SEGMENTS[size.encoding])
    return RenderedSms(body=body, segments=size.segments, language=language)


def _email(
    wordings: Wordings, wording: Wording, said: Mapping[str, str], prepared: Prepared, *, language: str
) -> RenderedEmail:
    assert wording.subject is not None
    subject = one_line(wording.subject.render(prepared))
    body, footer = wording.body.render(prepared), "\n\n".join(said.values())
    page = wordings.layout.render(
        subject=subject, language=language, body=as_html(body), footer=as_html(footer)
    )
    return RenderedEmail(
        subject=subject,
        text=f"{as_text(body)}\n\n-- \n{as_text(footer)}\n",
        html=wordings.inliner.inline(page),
        language=language,
    )
