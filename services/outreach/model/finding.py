"""What is to be said of a file that operations staff wrote: one shape for all who read such files."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding asks for. An error keeps the files from taking effect; a warning may be meant."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing to know of a file. Lines and columns count from 1; `fix` says what to write instead."""

    file: str
    line: int = 1
    column: int = 1
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        fix = f"; {self.fix}" if self.fix else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}{fix}"
