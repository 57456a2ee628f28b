"""What can be said in which language, and what is missing."""

from collections.abc import Iterator

from msgspec import Struct

from outreach.guidance.guidance import Guidance
from outreach.model.words import Channel
from outreach.wording.blocks import ALWAYS
from outreach.wording.review import ANSWERS
from outreach.wording.wordings import Key


class Spoken(Struct, frozen=True, kw_only=True):
    """A language, how many texts of those that may be sent it has, and the files it lacks."""

    language: str
    written: int
    missing: tuple[str, ...]


def languages_of(guidance: Guidance) -> Iterator[Spoken]:
    """Yield how far each language is written; whoever reads `es-MX` gets what is there in `es`, too."""
    needed = sorted(set(_needed(guidance)), key=_file)
    templates = guidance.wordings.templates
    for language in sorted(guidance.wordings.languages):
        tongues = {language, language.partition("-")[0]}
        missing = tuple(
            _file(key)
            for key in needed
            if not any(Key(tongue, key.name, key.channel, key.is_block) in templates for tongue in tongues)
        )
        yield Spoken(language=language, written=len(needed) - len(missing), missing=missing)


def _needed(guidance: Guidance) -> Iterator[Key]:
    """Yield what may be sent, in no language yet."""
    for play in guidance.playbook.plays.values():
        for channel in play.channels:
            yield Key("", play.wording, channel)
    for channel in (Channel.SMS, Channel.EMAIL):
        for name in ANSWERS:
            yield Key("", name, channel)
        for block in ALWAYS[channel]:
            yield Key("", block, channel, is_block=True)


def _file(key: Key) -> str:
    return f"{'blocks/' if key.is_block else ''}{key.name}.{key.channel}.txt"
