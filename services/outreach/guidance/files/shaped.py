"""Fits a document to its shape; places every mistake and names a fix."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.spellings import Misspelling
from outreach.guidance.files.yaml_text import Document, Path

S = TypeVar("S", bound=BaseModel)

_EXAMPLES = {
    "phones": 'write "+12125550100"',
    "rule": "name it pack.rule, such as house.week",
    "id": "use small letters, digits, - and _",
}


def shaped(document: Document, shape: type[S]) -> S:
    """Return the document's value as `shape`.

    Raises:
        ConfigError: it does not fit; every misfit is listed.
    """
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        raise ConfigError(list(_problems(document, error, shape))) from None


def _problems(document: Document, error: ValidationError, shape: type[BaseModel]) -> Iterator[Finding]:
    placed: set[Path] = set()
    for misfit in error.errors(include_url=False):
        path = _path(document.value, misfit["loc"])
        # Every member of a union reports; the first is enough.
        if path in placed and misfit["type"] not in {"extra_forbidden", "missing"}:
            continue
        placed.add(path)
        message, fix = _words(document, path, misfit, shape=shape)
        yield document.problem(path, message, fix)


def _words(document: Document, path: Path, misfit: Any, *, shape: type[BaseModel]) -> tuple[str, str]:
    """Return what is wrong and the fix."""
    context, last = misfit.get("ctx", {}), path[-1] if path else ""
    match misfit["type"]:
        case "extra_forbidden":
            return f"unknown key `{last}`", _nearest(path, document, shape)
        case "missing":
            key = misfit["loc"][-1]
            return f"`{key}` is missing", f"add `{key}:`"
        case "string_type":
            written = document.written.get(path)
            return (
                "text is needed here",
                f'write "{written}"' if written is not None else "write text in quotes",
            )
        case "union_tag_invalid" | "union_tag_not_found":
            known = str(context.get("expected_tags", "")).replace("'", "")
            return "a rule of no known kind", f"write `kind:` one of {known}"
        case "enum" | "literal_error":
            expected = str(context.get("expected", "")).replace("'", "")
            return f"`{_shown(misfit)}` is not known here", f"write one of {expected}"
        case "string_pattern_mismatch":
            return f"`{_shown(misfit)}` cannot be read here", _EXAMPLES.get(str(last), "")
        case "value_error" if isinstance(context.get("error"), Misspelling):
            return context["error"].message, context["error"].fix
        case "greater_than_equal" if last == "limit":
            fix = "to stop a kind of message altogether use `kind: suppress_if` with `fact: always`"
            return str(misfit["msg"]), fix
        case _:
            return str(misfit["msg"]).removeprefix("Value error, "), ""


def _shown(misfit: Any) -> str:
    return str(misfit["input"])[:40]


def _path(value: Any, location: Sequence[Any]) -> Path:
    """Return the location without the names of union members, which the file does not contain.

    A key that is missing or unknown ends the path.
    """
    path: list[str | int] = []
    for number, step in enumerate(location):
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]
            path.append(step)
        elif number == len(location) - 1 and isinstance(value, dict):
            path.append(step)
    return tuple(path)


def _nearest(path: Path, document: Document, shape: type[BaseModel]) -> str:
    siblings = {str(other[-1]) for other in document.places if other and other[:-1] == path[:-1]}
    near = get_close_matches(str(path[-1]), sorted(_keys(shape, top=len(path) == 1) - siblings), n=1)
    return f"did you mean `{near[0]}`?" if near else "take it out"


def _keys(shape: type[BaseModel], *, top: bool) -> set[str]:
    """Return the keys that a file of this shape may have, at its top or anywhere below."""
    schema = shape.model_json_schema()
    parts = [schema] if top else [schema, *schema.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}
