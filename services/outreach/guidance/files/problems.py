"""Gathers what is wrong with files.

`ConfigError` stands apart from the errors of a running service: it reaches the people who write the files.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from outreach.model.finding import Finding

__all__ = ["ConfigError", "Finding", "with_problems"]

T = TypeVar("T")


class ConfigError(Exception):
    """Files cannot be used: lists every problem, and nothing takes effect."""

    def __init__(self, problems: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(sorted(problems))


def with_problems(build: Callable[[], T]) -> tuple[T | None, Sequence[Finding]]:
    """Return what is built and no problem, or None and every problem that kept it from being built."""
    try:
        return build(), ()
    except ConfigError as error:
        return None, error.problems
