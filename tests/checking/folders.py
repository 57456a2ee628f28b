"""Config folders that are wrong in one thing, and what is said of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from outreach.guidance.checking.check import findings_of
from outreach.guidance.checking.material import KnownNames, Material
from outreach.guidance.files.folder import read_folder, understand
from outreach.model.finding import Finding
from tests.support.world import SAMPLE

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
POLICY = "policy: harbor\n"


def sample(file: str) -> str:
    """Return a file of the sample folder."""
    return read_folder(SAMPLE)[file]


def playbook(good: str, bad: str) -> dict[str, str]:
    """Return the sample playbook with one thing changed."""
    text = sample("playbook.yaml")
    assert good in text, good
    return {"playbook.yaml": text.replace(good, bad, 1)}


def rule(written: str) -> dict[str, str]:
    """Return a policy of one rule, which stands in its third line."""
    return {"policy.yaml": f"{POLICY}rules:\n  - {written}\n"}


def play(written: str) -> dict[str, str]:
    """Return the sample playbook with a play after the others."""
    return {"playbook.yaml": f"{sample('playbook.yaml')}\n  {written}\n"}


def said_of(changed: Mapping[str, str], *, known: KnownNames | None = None) -> list[Finding]:
    """Return what is to be said of the sample folder once these files are as given, and was not before."""
    files = {**read_folder(SAMPLE), **changed}
    said = findings_of(Material(folder=understand(files), now=NOW, known=known))
    before = {(finding.file, finding.message) for finding in _before()}
    return [finding for finding in said if (finding.file, finding.message) not in before]


@cache
def _before() -> tuple[Finding, ...]:
    return tuple(findings_of(Material(folder=understand(read_folder(SAMPLE)), now=NOW)))
