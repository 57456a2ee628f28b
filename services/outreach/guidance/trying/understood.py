"""Turns raw messages among a case's facts into what they mean, as the service understands replies."""

from msgspec.structs import replace

from outreach.model.person import Facts, Hold, OptOut
from outreach.model.words import HoldKind
from outreach.understanding.kinds import Kind
from outreach.understanding.understand import understand


def understood(facts: Facts) -> Facts:
    """Return the facts with every raw message turned into what it binds."""
    opt_outs, holds = list(facts.opt_outs), list(facts.holds)
    for message in facts.inbound:
        meaning = understand(message.text, channel=message.channel)
        if Kind.OPT_OUT in meaning.kinds:
            opt_outs.extend(OptOut(channel=channel, at=message.at) for channel in sorted(meaning.closes))
        if Kind.WRONG_PERSON in meaning.kinds and meaning.closes_address:
            holds.append(Hold(kind=HoldKind.WRONG_PARTY, since=message.at))
        elif meaning.needs_human:
            holds.append(Hold(kind=HoldKind.WITH_HUMAN, since=message.at))
    return replace(facts, inbound=(), opt_outs=tuple(opt_outs), holds=tuple(holds))
