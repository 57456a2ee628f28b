"""What is wrong with a file that operations staff wrote."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing wrong with a file. Lines and columns count from 1; `fix` says what to write instead."""

    file: str
    line: int = 1
    column: int = 1
    message: str
    fix: str = ""

    def __str__(self) -> str:
        fix = f"; {self.fix}" if self.fix else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{fix}"
