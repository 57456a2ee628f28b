"""What is wrong with a file, where, and how to put it right.

OutreachError is not the parent on purpose: these reach the people who write the files.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing wrong. Lines and columns count from 1; `fix` says what to write instead."""

    file: str
    line: int
    column: int
    message: str
    fix: str = ""

    def __str__(self) -> str:
        fix = f"; {self.fix}" if self.fix else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{fix}"


class ConfigError(Exception):
    """A file does not say a policy, or cases; every problem found is listed, and nothing takes effect."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(each) for each in problems))
        self.problems = tuple(sorted(problems))
