"""From a document to its shape, with every mistake placed and a fix named."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from outreach.guidance.files.problems import ConfigError, Problem
from outreach.guidance.files.yaml_text import Document, Path

S = TypeVar("S", bound=BaseModel)


def shaped(document: Document, shape: type[S]) -> S:
    """Return the document's value as `shape`.

    Raises:
        ConfigError: it does not fit; every misfit is listed.
    """
    try:
        return TypeAdapter(shape).validate_python(document.value)
    except ValidationError as error:
        raise ConfigError(list(_problems(document, error, shape))) from None


_SPELLINGS = {
    "from": 'write a time such as "08:00"',
    "to": 'write a time such as "20:00", or "24:00"',
    "days": "write days such as mon-fri, or sat, sun",
    "within": 'write "7d", "24h" or calendar_month',
    "gap": 'write "48h"',
    "rest": 'write "7d"',
    "used_within": 'write "60d"',
    "phones": 'write "+12125550100"',
    "rule": "name it pack.rule, such as house.week",
    "id": "use small letters, digits, - and _",
}


def _problems(document: Document, error: ValidationError, shape: type[BaseModel]) -> Iterator[Problem]:
    told: set[Path] = set()
    for each in error.errors(include_url=False):
        path = _path(document.value, each["loc"])
        # Of the members of a union each has its say; the first is enough.
        if path in told and each["type"] not in {"extra_forbidden", "missing"}:
            continue
        match each["type"]:
            case "extra_forbidden":
                yield document.problem(path, f"unknown key `{path[-1]}`", _nearest(path, document, shape))
            case "missing":
                key = each["loc"][-1]
                yield document.problem(path[:-1], f"`{key}` is missing", f"add `{key}:`")
            case "string_type":
                written = document.written.get(path)
                fix = f'write "{written}"' if written is not None else "write text in quotes"
                yield document.problem(path, "text is needed here", fix)
            case "union_tag_invalid" | "union_tag_not_found":
                known = str(each.get("ctx", {}).get("expected_tags", "")).replace("'", "")
                yield document.problem(path, "a rule of no known kind", f"write `kind:` one of {known}")
            case "enum" | "literal_error":
                expected = str(each.get("ctx", {}).get("expected", "")).replace("'", "")
                unknown = str(each["input"])[:40]
                yield document.problem(path, f"`{unknown}` is not known here", f"write one of {expected}")
            case _:
                yield document.problem(path, _message(each), _hint(each, path[-1] if path else ""))
        told.add(path)


def _path(value: Any, location: Sequence[Any]) -> Path:
    """Return the location without the names of union members, which the file does not contain.

    A key that is missing or unknown ends the path.
    """
    path: list[str | int] = []
    for number, each in enumerate(location):
        if (isinstance(value, dict) and each in value) or (
            isinstance(value, list) and isinstance(each, int) and each < len(value)
        ):
            value = value[each]
            path.append(each)
        elif number == len(location) - 1 and isinstance(value, dict):
            path.append(each)
    return tuple(path)


def _nearest(path: Path, document: Document, shape: type[BaseModel]) -> str:
    siblings = [str(other[-1]) for other in document.places if other and other[:-1] == path[:-1]]
    candidates = _keys(shape) if len(path) == 1 else _KNOWN
    near = get_close_matches(str(path[-1]), [each for each in candidates if each not in siblings], n=1)
    return f"did you mean `{near[0]}`?" if near else "take it out"


def _keys(shape: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in shape.model_fields.items()}


def _message(error: Any) -> str:
    if error["type"] == "string_pattern_mismatch":
        return f"`{str(error['input'])[:40]}` cannot be read here"
    return str(error["msg"]).removeprefix("Value error, ")


def _hint(error: Any, key: Any) -> str:
    if error["type"] == "greater_than_equal" and key == "limit":
        return "to stop a kind of message altogether use `kind: suppress_if` with `fact: always`"
    return _SPELLINGS.get(str(key), "") if error["type"] == "string_pattern_mismatch" else ""


def _known_keys() -> frozenset[str]:
    # They are many, and only asked on mistakes.
    from outreach.guidance.files import shapes  # noqa: PLC0415
    from outreach.guidance.trying import case_shapes  # noqa: PLC0415

    found: set[str] = set()
    for module in (shapes, case_shapes):
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, BaseModel):
                found |= _keys(each)
    return frozenset(found)


class _Known:
    """The keys that files may have, gathered when a mistake is first made."""

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_known_keys()))


_KNOWN = _Known()
