"""Rules that only watch, made to bind: what a trial of them would do."""

from dataclasses import replace
from typing import Any

from outreach.policy.policy import AnyRule, Policy


def with_shadows_binding(policy: Policy) -> Policy:
    """Return the policy as it would be if its shadow rules bound."""
    own = tuple(_binding(each) for each in policy.own)
    return Policy(
        version=f"{policy.version}+shadow",
        packs=policy.packs,
        own=own,
        always=policy.always,
        drafts=policy.drafts,
        waivers=policy.waivers,
    )


def _binding(rule: Any) -> AnyRule:
    bound: AnyRule = replace(rule, terms=replace(rule.terms, shadow=False))
    return bound
