"""What is different between two config folders: files, keys and words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from outreach.guidance.files.folder import Folder, own_templates
from outreach.guidance.files.yaml_text import Document
from outreach.wording.errors import WordingError
from outreach.wording.render import RenderedSms, render
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.wordings import Key, Wordings, key_of, load_shipped

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedKey:
    """A value of a YAML file that is another in the new one; None where it is not there."""

    file: str
    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedText:
    """A template that says something else, as somebody would read it; None where it is not there."""

    file: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderDifference:
    """All in which two folders differ."""

    files: tuple[str, ...]
    keys: tuple[ChangedKey, ...]
    texts: tuple[ChangedText, ...]


def compare_folders(before: Folder, after: Folder) -> FolderDifference:
    """Return in what two folders differ, file by file."""
    files = sorted(before.files.keys() | after.files.keys())
    documents = (
        (before.policy_document, after.policy_document),
        (before.playbook_document, after.playbook_document),
    )
    return FolderDifference(
        files=tuple(file for file in files if before.files.get(file) != after.files.get(file)),
        keys=tuple(key for old, new in documents if old and new for key in _changed_keys(old, new)),
        texts=tuple(_changed_texts(before, after)),
    )


def _changed_keys(before: Document, after: Document) -> Iterator[ChangedKey]:
    yield from _unlike(before.file, (), _named(before.value), _named(after.value))


def _unlike(file: str, path: tuple[str, ...], old: Any, new: Any) -> Iterator[ChangedKey]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _unlike(file, (*path, key), old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif old != new:
        yield ChangedKey(file=file, path=".".join(path), before=_written(old), after=_written(new))


def _named(value: Any) -> Any:
    """Return rules by their ids, so that one more is no change of all that follow it."""
    if isinstance(value, dict):
        return {key: _named(part) for key, part in value.items()}
    if isinstance(value, list) and value and all(isinstance(part, dict) and "id" in part for part in value):
        return {part["id"]: part for part in value}
    return value


def _written(value: Any) -> str | None:
    if value is _ABSENT:
        return None
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(str(_written(part)) for part in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _changed_texts(before: Folder, after: Folder) -> Iterator[ChangedText]:
    shipped = load_shipped()
    old = {**shipped, **own_templates(before.files)}
    new = {**shipped, **own_templates(after.files)}
    for file in sorted(old.keys() | new.keys()):
        key = key_of(file)
        if key is not None and old.get(file) != new.get(file):
            yield ChangedText(
                file=file,
                before=_read(old, key, before.wordings, file=file),
                after=_read(new, key, after.wordings, file=file),
            )


def _read(texts: Mapping[str, str], key: Key, wordings: Wordings | None, *, file: str) -> str | None:
    """Return what a template says with made-up facts; what cannot be rendered alone, as it is written."""
    if file not in texts:
        return None
    if key.is_block or wordings is None:
        return texts[file].strip()
    try:
        rendered = render(
            wordings, name=key.name, channel=key.channel, language=key.language, facts=SAMPLE_FACTS
        )
    except (WordingError, ValueError):
        return texts[file].strip()
    if isinstance(rendered, RenderedSms):
        return rendered.body
    return f"Subject: {rendered.subject}\n\n{rendered.text.strip()}"
