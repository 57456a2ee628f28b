"""Ids that whoever wrote another may have meant: a sign more, less, other or in another place. Pure."""

from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Final

_SIGNS: Final = ascii_letters + digits + "-_.:/"
#: A longer id is copied, and typed by nobody.
_LONGEST: Final = 60


def ids_close_to(written: str) -> set[str]:
    """Return every id that is a slip away from the one written, to be looked up; not all of them exist."""
    trimmed = written.strip()
    other_cases = {trimmed, trimmed.lower(), trimmed.upper(), trimmed.swapcase(), trimmed.title()}
    slips = set(_slips(trimmed)) if len(trimmed) <= _LONGEST else set()
    return (other_cases | slips) - {written, ""}


def _slips(written: str) -> Iterator[str]:
    for place in range(len(written) + 1):
        before, after = written[:place], written[place:]
        yield from (f"{before}{sign}{after}" for sign in _SIGNS)
        if after:
            yield before + after[1:]
            yield from (f"{before}{sign}{after[1:]}" for sign in _SIGNS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
