"""Reads and writes situations, one JSON object a line, as decisions were made on them."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from outreach.guidance.files.problems import ConfigError, Finding
from outreach.policy.recorded import parse_situation, render_situation
from outreach.policy.situation import Situation


def situation_line(situation: Situation) -> str:
    """Return a situation as one line of JSON; equal situations become equal lines."""
    return json.dumps(render_situation(situation), separators=(",", ":"), sort_keys=True) + "\n"


def read_situation(line: str | bytes) -> Situation:
    """Read one line.

    Raises:
        ValueError: it is not a situation; the text says why.
    """
    try:
        data = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    except RecursionError:
        raise ValueError("not JSON that is sanely nested") from None
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a caller catches one kind of error
    return parse_situation(data)


def read_situations(file: Path) -> Iterator[Situation]:
    """Read a file of situations, as they come; blank lines are passed over.

    Raises:
        ConfigError: the file cannot be opened, or a line is not a situation.
    """
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _situation(line, number, file)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [Finding(file=str(file), line=1, column=1, message=f"cannot be read: {error}")]
        ) from None


def _situation(line: str, number: int, file: Path) -> Situation:
    try:
        return read_situation(line)
    except ValueError as error:
        raise ConfigError([Finding(file=str(file), line=number, column=1, message=str(error))]) from None
