"""How much of what may be said is written in each language."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from outreach.model.playbook import Playbook
from outreach.model.words import Channel
from outreach.wording.blocks import ALWAYS
from outreach.wording.review import ANSWERS
from outreach.wording.wordings import Key, Wordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a language has of the texts that the playbook may send in it; `missing` are named by file."""

    language: str
    needed: int
    missing: tuple[str, ...]

    @property
    def written(self) -> int:
        return self.needed - len(self.missing)


def coverage(playbook: Playbook, wordings: Wordings) -> Iterator[Coverage]:
    """Yield how far each language is written that has a text of its own, ordered by its code.

    Only what is written in some language is asked of the others.

    `es-MX` is as far as it is together with `es`: who reads the one gets the other.
    """
    written = {replace(key, language="") for key in wordings.templates}
    needed = sorted(written.intersection(_needed(playbook)), key=_file)
    for language in sorted(wordings.languages):
        tongues = {language, language.partition("-")[0]}
        missing = tuple(
            _file(key)
            for key in needed
            if not any(
                Key(tongue, key.name, key.channel, is_block=key.is_block) in wordings.templates
                for tongue in tongues
            )
        )
        yield Coverage(language=language, needed=len(needed), missing=missing)


def _needed(playbook: Playbook) -> Iterator[Key]:
    for play in playbook.plays.values():
        for channel in play.channels:
            yield from (Key("", wording, channel) for wording in play.wordings)
    for channel in (Channel.SMS, Channel.EMAIL):
        for name in ANSWERS:
            yield Key("", name, channel)
        for block in ALWAYS[channel]:
            yield Key("", block, channel, is_block=True)


def _file(key: Key) -> str:
    return f"{'blocks/' if key.is_block else ''}{key.name}.{key.channel}"
