"""What is to be said of a config folder, for people and for programs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from outreach.guidance.checking.check import findings_of
from outreach.guidance.checking.coverage import Coverage, coverage
from outreach.guidance.checking.material import KnownNames, Material
from outreach.guidance.files.folder import (
    PLAYBOOK,
    POLICY,
    TEMPLATES,
    Folder,
    not_read,
    read_files,
    understand,
)
from outreach.guidance.files.problems import ConfigError
from outreach.model.finding import Finding, Severity
from outreach.policy.evidence import locate
from outreach.policy.situation import Situation

#: What was not there at all: the findings say so.
_UNREADABLE: Final = "cannot be read"


class FolderRead(Struct, frozen=True, kw_only=True):
    """What was found in a folder. A number is None where its file cannot be read."""

    rules: int | None
    shadow_rules: int
    waivers: int
    packs: int
    plays: int | None
    dry_run_plays: int
    creditors: int
    portfolios: int
    own_templates: int
    wordings: int | None
    languages: tuple[Coverage, ...]


class Report(Struct, frozen=True, kw_only=True):
    """What was read, and what is to be said of it, ordered by file and line."""

    read: FolderRead
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def of_file(self, file: str) -> "Report":
        """Return the report with the findings of one file alone."""
        return Report(read=self.read, findings=tuple(each for each in self.findings if each.file == file))


def check_folder(
    path: Path,
    *,
    situations: Iterable[Situation] = (),
    known: KnownNames | None = None,
    now: datetime,
    part: str = POLICY,
) -> Report:
    """Return what is to be said of a config folder, or of one file that is named itself: `part` of a folder.

    A policy is looked at alone, a playbook by what stands beside it. Windows are tried on the places of the
    situations; without any, on American ones.

    Raises:
        ConfigError: there is nothing to be read at the path.
    """
    files, problems = _read(path, part)
    read = understand(files)
    places = {locate(situation.evidence).zones for situation in situations}
    material = Material(
        folder=replace(read, problems=(*problems, *read.problems)),
        now=now,
        places=tuple(zones for zones in places if zones),
        known=known,
    )
    named = str(path)
    findings = [
        finding if path.is_dir() or finding.file != part else replace(finding, file=named)
        for finding in findings_of(material)
    ]
    return Report(read=_what_was_read(read), findings=tuple(findings))


def report_lines(report: Report) -> Iterator[str]:
    """Yield what was read, each finding on a line of its own, and how many there are."""
    yield from _read_lines(report.read)
    for finding in report.findings:
        yield str(finding)
    yield summary(report)


def summary(report: Report) -> str:
    """Say how many findings of each severity there are."""
    counted = Counter(finding.severity for finding in report.findings)
    words = [
        f"{count} {severity}{'s' if count > 1 else ''}"
        for severity in Severity
        if (count := counted[severity])
    ]
    return ", ".join(words) or "nothing wrong"


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as JSON values."""
    return {
        "read": report.read,
        "findings": report.findings,
        **{f"{severity}s": report.count(severity) for severity in Severity},
    }


def _read(path: Path, part: str) -> tuple[dict[str, str], Sequence[Finding]]:
    if path.is_dir():
        files, problems = read_files(path)
        return files, [*problems, *not_read(path)]
    files, problems = read_files(path.parent, only=path.name)
    if path.name not in files:
        message = "there is no such file or folder" if not path.exists() else problems[0].message
        raise ConfigError([Finding(file=str(path), message=message)])
    if part == POLICY:
        return {POLICY: files[path.name]}, problems
    beside, _ = read_files(path.parent)
    return {**beside, part: files[path.name]}, problems


def _what_was_read(folder: Folder) -> FolderRead:
    policy, playbook, wordings = folder.policy, folder.playbook, folder.wordings
    return FolderRead(
        rules=None if policy is None else len(policy.own),
        shadow_rules=0 if policy is None else sum(rule.terms.shadow for rule in policy.own),
        waivers=0 if policy is None else len(policy.waivers),
        packs=0 if policy is None else len(policy.packs),
        plays=None if playbook is None else len(playbook.plays),
        dry_run_plays=0 if playbook is None else sum(play.dry_run for play in playbook.plays.values()),
        creditors=0 if folder.directory is None else len(folder.directory.creditors),
        portfolios=0 if folder.directory is None else len(folder.directory.portfolios),
        own_templates=sum(
            file.startswith(f"{TEMPLATES}/") and not file.endswith(".md") for file in folder.files
        ),
        wordings=None
        if wordings is None
        else len({key.name for key in wordings.templates if not key.is_block}),
        languages=() if playbook is None or wordings is None else tuple(coverage(playbook, wordings)),
    )


def _read_lines(read: FolderRead) -> Iterator[str]:
    yield f"{POLICY:14} {_policy_words(read)}"
    yield f"{PLAYBOOK:14} {_playbook_words(read)}"
    own = f"{read.own_templates} of your own" if read.own_templates else "none of your own"
    wordings = _UNREADABLE if read.wordings is None else f"{read.wordings} wordings"
    yield f"{TEMPLATES + '/':14} {wordings}, {own}"
    if read.languages:
        each = (f"{spoken.language} {spoken.written} of {spoken.needed}" for spoken in read.languages)
        yield f"{'languages':14} {', '.join(each)} texts"


def _policy_words(read: FolderRead) -> str:
    if read.rules is None:
        return _UNREADABLE
    shadow = f" ({read.shadow_rules} in shadow)" if read.shadow_rules else ""
    waivers = f", {_counted(read.waivers, 'waiver')}" if read.waivers else ""
    return f"{_counted(read.rules, 'rule')}{shadow}{waivers}, on {_counted(read.packs, 'shipped pack')}"


def _playbook_words(read: FolderRead) -> str:
    if read.plays is None:
        return _UNREADABLE
    dry = f" ({read.dry_run_plays} in dry run)" if read.dry_run_plays else ""
    portfolios = f", {_counted(read.portfolios, 'portfolio')}" if read.portfolios else ""
    return f"{_counted(read.plays, 'play')}{dry}, {_counted(read.creditors, 'creditor')}{portfolios}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
