"""Everything kept of one person as files: as JSON for programs, and as plain text for the person."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from foundation.command_line import fail
from foundation.terminal import echo, shown

_OURS_ALONE = 0o600


def write_bundle(folder: Path, *, name: str, about: str, story: Mapping[str, Any]) -> list[Path]:
    """Write a story into a folder, made where there is none, as `name.json` and `name.txt`; return both.

    Only their owner may read them. Several services write into one folder: what they write is one answer.

    Raises:
        OSError: it cannot be written there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = msgspec.to_builtins(story, str_keys=True)
    text = "\n".join([about, "", *_lines(told)]) + "\n"
    written = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    files = [folder / f"{name}.json", folder / f"{name}.txt"]
    for file, content in zip(files, (written, text), strict=True):
        file.touch(mode=_OURS_ALONE)
        file.write_text(content, encoding="utf-8")
    return files


def write_or_exit(folder: Path, *, name: str, about: str, story: Mapping[str, Any]) -> None:
    """Write a story into a folder and say where, or say plainly why not and end the command."""
    try:
        files = write_bundle(folder, name=name, about=about, story=story)
    except OSError as error:
        fail(f"{folder}: cannot be written to: {error.strerror}")
    echo(*files)


def _lines(value: Any, *, depth: int = 0) -> Iterator[str]:
    """Yield a value as lines, what belongs to something under it and further in; nothing is left out."""
    indent = "  " * depth
    if isinstance(value, Mapping):
        for key, part in value.items():
            title = str(key).replace("_", " ")
            if _is_short(part):
                yield f"{indent}{shown(title)}: {_short(part)}"
            else:
                yield f"{indent}{shown(title)}:"
                yield from _lines(part, depth=depth + 1)
    elif isinstance(value, list):
        for part in value:
            if _is_short(part):
                yield f"{indent}- {_short(part)}"
            else:
                first, *rest = _lines(part, depth=depth + 1)
                yield f"{indent}- {first.lstrip()}"
                yield from rest
    else:
        yield f"{indent}{_short(value)}"


def _is_short(value: Any) -> bool:
    return not value or not isinstance(value, Mapping | list)


def _short(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shown(value)
