"""Says what is wrong with a file, where, and how to put it right.

`ConfigError` stands apart from the errors of a running service: it reaches the people who write the files.
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
    """Files cannot be used: lists every problem, and nothing takes effect."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(sorted(problems))
