"""What a message must say, by the packs in force."""

from outreach.policy.evidence import locate
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation


def required_content(situation: Situation, policy: Policy) -> frozenset[str]:
    """Return the blocks that the rules in force ask for; wording adds them or refuses to render."""
    return policy.select(situation, locate(situation.evidence)).blocks
