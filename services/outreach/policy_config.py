"""The policy as files say it. Only `cli` and `app` read configuration."""

from outreach.policyfiles.loading import build_policy, load_policy, standard_policy
from outreach.policyfiles.problems import ConfigError, Problem

__all__ = ["ConfigError", "Problem", "build_policy", "load_policy", "standard_policy"]
