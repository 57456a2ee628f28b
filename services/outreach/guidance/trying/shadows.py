"""Makes rules bind that only watch, to try what they would do."""

from dataclasses import replace
from typing import Any

from outreach.policy.policy import AnyRule, Policy


def with_shadows_binding(policy: Policy) -> Policy:
    """Return the policy as it would be if its shadow rules bound."""
    own = tuple(_binding(rule) for rule in policy.own)
    return replace(policy, version=f"{policy.version}+shadow", own=own)


def _binding(rule: Any) -> AnyRule:
    bound: AnyRule = replace(rule, terms=replace(rule.terms, shadow=False))
    return bound
