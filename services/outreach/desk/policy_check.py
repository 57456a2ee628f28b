"""What is wrong with a policy and with the files beside it, or weak in them."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from outreach.guidance.checking.words import read_kind_guidance
from outreach.guidance.files.folder import PLAYBOOK, read_folder
from outreach.guidance.files.lint import check
from outreach.guidance.files.policy import POLICY_FILE, read_document
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.policy.evidence import locate
from outreach.policy.situation import Situation


def check_policy(path: Path, *, situations: Iterable[Situation], today: datetime) -> list[Finding]:
    """Return the problems of a `policy.yaml`, or of the directory that holds one and its other files.

    Contact windows are tried on the places of the situations; without any, on American ones.

    Raises:
        ConfigError: the policy cannot be read.
    """
    document = read_document(policy_file(path))
    places = {locate(situation.evidence).zones for situation in situations}
    problems = check(document, today=today, places=(zones for zones in places if zones))
    return [*problems, *_problems_beside(path)]


def policy_file(path: Path) -> Path:
    """Return the policy's file in a directory, or the file that was named itself."""
    return path / POLICY_FILE if path.is_dir() else path


def _problems_beside(path: Path) -> list[Finding]:
    if not (path / PLAYBOOK).is_file():
        return []
    try:
        read_kind_guidance(read_folder(path))
    except ConfigError as error:
        return [problem for problem in error.problems if problem.file != POLICY_FILE]
    return []
