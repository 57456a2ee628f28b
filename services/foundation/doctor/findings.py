"""What a checkup finds: a line for each thing it looked at, and what to do where it is not right."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from foundation.command_line import ExitCode, print_json
from foundation.terminal import echo


class Verdict(StrEnum):
    """`wrong` does harm or will; `weak` may be meant so; of `unknown` nobody here can tell."""

    OK = "ok"
    WEAK = "weak"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. `advice` says what to do; a finding that is ok has none."""

    subject: str
    verdict: Verdict
    says: str
    advice: str | None = None


#: Looks at one part of a deployment; what stops it is a finding too.
Checkup: TypeAlias = Callable[[], Awaitable[Sequence[Finding]]]

_WIDTH: Final = max(len(verdict) for verdict in Verdict)


def ok(subject: str, says: str) -> Finding:
    """Return that something is as it has to be."""
    return Finding(subject=subject, verdict=Verdict.OK, says=says)


def weak(subject: str, says: str, advice: str) -> Finding:
    """Return that something may be meant so, and is not what we would do."""
    return Finding(subject=subject, verdict=Verdict.WEAK, says=says, advice=advice)


def wrong(subject: str, says: str, advice: str) -> Finding:
    """Return that something does harm or will."""
    return Finding(subject=subject, verdict=Verdict.WRONG, says=says, advice=advice)


def unknown(subject: str, says: str, advice: str) -> Finding:
    """Return that something cannot be told from here."""
    return Finding(subject=subject, verdict=Verdict.UNKNOWN, says=says, advice=advice)


async def examine(checkups: Iterable[tuple[str, Checkup]]) -> AsyncIterator[Finding]:
    """Yield what every checkup finds, in their order; one that breaks stops no other."""
    for subject, checkup in checkups:
        try:
            findings = await checkup()
        except Exception as error:  # noqa: BLE001 (a checkup that fails is a finding)
            findings = [
                unknown(subject, f"cannot be looked at ({type(error).__name__})", "look at it by hand")
            ]
        for finding in findings:
            yield finding


async def report(checkups: Iterable[tuple[str, Checkup]], *, as_json: bool) -> ExitCode:
    """Print a line for each finding, and return whether all is well: only what is wrong says no."""
    findings = []
    async for finding in examine(checkups):
        findings.append(finding)
        if not as_json:
            advice = f": {finding.advice}" if finding.advice else ""
            echo(f"{finding.verdict:{_WIDTH}}  {finding.subject}: {finding.says}{advice}")
    if as_json:
        print_json(findings)
    return ExitCode.NO if any(finding.verdict is Verdict.WRONG for finding in findings) else ExitCode.DONE
