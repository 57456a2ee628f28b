"""Which policy a message was sent under: built again from the files that were in force."""

from collections.abc import Mapping, Sequence

from outreach.audit.sent import Called, Version
from outreach.guidance.files.folder import PLAYBOOK, POLICY, read_guidance
from outreach.guidance.files.problems import ConfigError
from outreach.policy.policy import Policy


class Policies:
    """Every policy that was ever in force, by its version.

    A version names the release too: what an older release decided is checked against the same
    files as this release reads them, and `notes` say so.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        self._versions = sorted(versions, key=lambda version: version.loaded_at)
        self._by_files: dict[str, Policy | None] = {}
        self._found: dict[str, Policy | None] = {}
        self.notes: list[str] = []

    def in_force(self, called: Called) -> Policy | None:
        """Return the policy that decided a message, or None where no config version can be read."""
        if called.policy not in self._found:
            self._found[called.policy] = self._of_version(called.policy) or self._of_the_time(called)
        return self._found[called.policy]

    def _of_version(self, wanted: str) -> Policy | None:
        policies = (self._build(version) for version in reversed(self._versions))
        return next((policy for policy in policies if policy is not None and policy.version == wanted), None)

    def _of_the_time(self, called: Called) -> Policy | None:
        earlier = [version for version in self._versions if version.loaded_at <= called.decided_at]
        for version in (*reversed(earlier), *self._versions):
            policy = self._build(version)
            if policy is not None:
                self.notes.append(
                    f"policy {called.policy} is of another release: its messages were checked against "
                    f"config {version.version} as this release reads it"
                )
                return policy
        return None

    def _build(self, version: Version) -> Policy | None:
        if version.version not in self._by_files:
            self._by_files[version.version] = _policy_of(version.files)
        return self._by_files[version.version]


def _policy_of(files: Mapping[str, str]) -> Policy | None:
    if not files.keys() >= {POLICY, PLAYBOOK}:
        return None
    try:
        return read_guidance(files).policy
    except ConfigError:
        return None
