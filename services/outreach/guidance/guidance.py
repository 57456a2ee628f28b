"""What a batch is worked on by: policy, playbook, wordings and who writes, as one value."""

from dataclasses import dataclass

from outreach.model.directory import Directory
from outreach.model.playbook import Playbook
from outreach.policy.policy import Policy
from outreach.wording.wordings import Wordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """One version of everything that operations staff write; `version` is the hash of all its files."""

    version: str
    policy: Policy
    playbook: Playbook
    wordings: Wordings
    directory: Directory
