"""What the referee says of a run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was not kept: which, to whom, and how that shows."""

    kind: str
    person: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.person}: {self.what}"
