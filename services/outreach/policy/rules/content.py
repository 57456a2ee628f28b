"""What a message must say, and by which channel a person is best reached: neither permits anything."""

from dataclasses import dataclass

from outreach.model.words import Channel
from outreach.policy.rules.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRequired:
    """Blocks that wording adds to a message, or refuses to render it without."""

    terms: Terms
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrder:
    """The order in which channels are tried: a choice, never a permission."""

    terms: Terms
    order: tuple[Channel, ...]
