"""Wordings as a chosen reader would get them, with every remark on their tone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from outreach.guidance.guidance import Guidance
from outreach.guidance.trying.made_up import facts_of
from outreach.model.words import Role
from outreach.policy.policy import Policy
from outreach.policy.rules.content import ContentRequired
from outreach.wording.blocks import AS_FIRST, WORDED
from outreach.wording.errors import BlockNotFound
from outreach.wording.render import render
from outreach.wording.review import ANSWERS, Review, look_at
from outreach.wording.wordings import Key, Wordings, load_wordings

#: Whose messages are shown: those of an agency that collects for others.
_ROLE: Final = Role.THIRD_PARTY


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who is to read a preview. What is None is as in the sample; an empty name is not known.

    `place` is a country or a state of one, such as `US-TX`: its packs say what a message must carry.
    `is_first` is of the first message about a debt. `language` is what the person reads.
    """

    given_name: str | None = None
    creditor: str | None = None
    place: str | None = None
    language: str | None = None
    is_first: bool = True

    @cached_property
    def country(self) -> str | None:
        return None if self.place is None else self.place.partition("-")[0]

    @cached_property
    def jurisdictions(self) -> frozenset[str]:
        return frozenset() if self.place is None else frozenset({self.place, self.place.partition("-")[0]})


def preview_wordings(guidance: Guidance | None, *, reader: Reader | None = None) -> Iterator[Review]:
    """Yield a review of each wording of the guidance for a reader; without any, of those that we ship.

    A wording that is not written in the reader's language is shown in the one they would get.

    Raises:
        outreach.wording.errors.WordingError: a wording cannot be rendered.
    """
    reader = reader or Reader()
    wordings = load_wordings() if guidance is None else guidance.wordings
    facts = facts_of(
        None if guidance is None else guidance.directory,
        creditor=reader.creditor,
        given_name=reader.given_name,
    )
    for key in _keys(wordings, reader.language):
        required = frozenset() if guidance is None else _required(guidance, key, reader)
        yield _review(wordings, key, facts, reader, required)


def _keys(wordings: Wordings, language: str | None) -> Iterator[Key]:
    """Yield every wording once for each language it is written in, or once for the reader's."""
    written = [key for key in wordings.templates if not key.is_block]
    if language is not None:
        written = [
            Key(language, name, channel) for name, channel in {(key.name, key.channel) for key in written}
        ]
    yield from sorted(written, key=lambda key: (key.name, key.channel, key.language))


def _review(
    wordings: Wordings, key: Key, facts: Mapping[str, Any], reader: Reader, required: frozenset[str]
) -> Review:
    def rendered(blocks: frozenset[str]) -> Review:
        message = render(
            wordings,
            name=key.name,
            channel=key.channel,
            language=key.language,
            facts=facts,
            required=blocks,
            country=reader.country,
        )
        return look_at(
            message,
            key=key,
            facts=facts,
            needs=_needs(wordings, key, message.language),
            is_obliged=bool(blocks),
        )

    try:
        return rendered(required)
    except BlockNotFound as error:
        # Nobody has written these words: it would not be sent, and that is what is to be seen.
        return replace(rendered(required - error.blocks), unsaid=tuple(sorted(error.blocks)))


def _needs(wordings: Wordings, key: Key, language: str) -> tuple[str, ...]:
    return tuple(sorted(wordings.templates[Key(language, key.name, key.channel)].needs))


def _required(guidance: Guidance, key: Key, reader: Reader) -> frozenset[str]:
    """Return the blocks that the packs of the reader's place ask for in such a message."""
    purposes = {play.purpose for play in guidance.playbook.plays.values() if play.wording == key.name}
    asked = set()
    for rule in _content_rules(guidance.policy, reader):
        terms = rule.terms
        if key.channel not in terms.channels or _ROLE not in terms.roles or terms.shadow:
            continue
        if terms.creditors and reader.creditor not in terms.creditors:
            continue
        if key.name in ANSWERS and terms.purposes is None:
            asked |= set(rule.blocks)
        elif terms.purposes is None or terms.purposes & purposes:
            asked |= set(rule.blocks) if not purposes or purposes - terms.except_purposes else set()
    names = AS_FIRST if reader.is_first else WORDED
    return frozenset(names.get(block, block) for block in asked)


def _content_rules(policy: Policy, reader: Reader) -> Iterator[ContentRequired]:
    for rule in policy.rules_of(policy.packs_in_force(reader.jurisdictions)):
        if isinstance(rule, ContentRequired):
            yield rule
