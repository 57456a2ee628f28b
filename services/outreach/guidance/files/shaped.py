"""Fits a document to its shape; places every mistake and names a fix."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.spellings import Misspelling
from outreach.guidance.files.yaml_text import Document, Path

S = TypeVar("S", bound=BaseModel)

_EXAMPLES = {
    "phones": 'write "+12125550100"',
    "country": "write two letters, such as US",
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
    misfits = error.errors(include_url=False)
    meant = {
        key for misfit in misfits if misfit["type"] == "extra_forbidden" for key in _meant(misfit, shape)
    }
    for misfit in misfits:
        # Who misspelled a key did not leave it out.
        if misfit["type"] == "missing" and tuple(misfit["loc"]) in meant:
            continue
        path = _path(document.value, misfit["loc"])
        # Every member of a union reports; the first is enough.
        if path in placed and misfit["type"] not in {"extra_forbidden", "missing"}:
            continue
        placed.add(path)
        message, fix = _words(document, path, misfit, shape=shape)
        yield document.problem(path, message, fix)


def _meant(misfit: Any, shape: type[BaseModel]) -> Iterator[tuple[str | int, ...]]:
    """Yield where the key would stand that an unknown one is like."""
    *inside, key = misfit["loc"]
    for near in get_close_matches(str(key), sorted(_keys(shape, inside)), n=1):
        yield (*inside, near)


def _words(document: Document, path: Path, misfit: Any, *, shape: type[BaseModel]) -> tuple[str, str]:
    """Return what is wrong and the fix."""
    context, last = misfit.get("ctx", {}), path[-1] if path else ""
    if not path and misfit["input"] is None:
        first = next(name for name, field in shape.model_fields.items() if field.is_required())
        return "the file is empty", f"begin it with `{first}:`"
    if misfit["type"] in _WORDS and (misfit["input"] is None or misfit["type"] != "string_type"):
        return _about_a_word(misfit, last, _QUOTED.findall(str(context.get("expected", ""))))
    match misfit["type"]:
        case "extra_forbidden":
            return _about_an_unknown_key(document, path, misfit, shape=shape)
        case "missing":
            key = misfit["loc"][-1]
            return f"`{key}` is missing", f"add `{key}:`"
        case "string_type":
            return _about_text(last, document.written.get(path))
        case "union_tag_invalid" | "union_tag_not_found":
            return _about_a_kind(misfit, context)
        case "string_pattern_mismatch":
            return f"`{_shown(misfit)}` cannot be read here", _example_for(path)
        case "value_error" if isinstance(context.get("error"), Misspelling):
            return context["error"].message, context["error"].fix
        case "value_error":
            return _said(misfit["msg"].removeprefix("Value error, "))
        case kind:
            return _plain_words(kind, misfit, context, name=str(last), manual=document.manual)


_DURATIONS: Final = frozenset(
    {
        "after", "expires", "every", "fallback", "gap", "older_than", "patience", "rest", "used_within",
        "within", "younger_than",
    }
)  # fmt: skip
#: Keys that stand at the top of one of the two files, and whoever writes them into the other one.
_ELSEWHERE: Final = {
    **dict.fromkeys(("rules", "waive", "packs", "policy"), "policy.yaml"),
    **dict.fromkeys(("plays", "creditors", "portfolios", "conditions", "agency", "zone"), "playbook.yaml"),
}
_BESIDE: Final = {"policy.yaml": "playbook.yaml", "playbook.yaml": "policy.yaml"}
#: What a value must be, by what pydantic calls what it found instead.
_NEEDED: Final = {
    "model_type": ("lines of `key: value` are needed here", "write each key on a line of its own"),
    "model_attributes_type": ("lines of `key: value` are needed here", "write each key on a line of its own"),
    "dict_type": ("names with their values are needed here", "write each name, a colon and what it has"),
    "list_type": ("a list is needed here", "write it in brackets, such as [sms, email]"),
    "int_type": ("a whole number is needed here", "write it without quotes, such as 3"),
    "datetime_type": ("an instant is needed here", 'write one such as "2026-03-02T15:00:00Z"'),
    "bool_type": ("true or false is needed here", "write true or false, without quotes"),
}
#: What people call what files have another word for.
_OTHER_WORDS: Final = {
    "text": "sms",
    "texts": "sms",
    "mail": "email",
    "mails": "email",
    "letter": "post",
    "call": "voice",
}
_LIMITS: Final = {
    "greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le",
}  # fmt: skip
_SIDES: Final = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
_WORDS: Final = frozenset({"enum", "literal_error", "string_type"})
_QUOTED: Final = re.compile(r"'([^']*)'")


def _plain_words(kind: str, misfit: Any, context: Any, *, name: str, manual: str) -> tuple[str, str]:
    """Say in words of our own what pydantic would say in those of a programming language."""
    named = f"`{name}`" if name else "the file"
    if kind == "greater_than_equal" and name == "limit":
        fix = "to stop a kind of message altogether use `kind: suppress_if` with `fact: always`"
        return f"a limit of {_shown(misfit)} lets nothing go out", fix
    if kind in _NEEDED:
        message, fix = _NEEDED[kind]
        return (f"{named} is empty: {message}" if misfit["input"] is None else message), fix
    if kind in _LIMITS:
        side = _LIMITS[kind]
        return f"{_shown(misfit)} is out of range", f"write {_SIDES[side]} {context[side]}"
    match kind:
        case "too_short" | "string_too_short":
            return f"{named} is empty", "write something, or leave the key out"
        case "too_long" | "string_too_long":
            return f"{named} is too long", f"write at most {context['max_length']}"
        case "int_from_float" | "int_parsing":
            return _NEEDED["int_type"]
        case _:
            return f"{named} cannot be read", f"see {manual} for how it is written"


def _about_an_unknown_key(
    document: Document, path: Path, misfit: Any, *, shape: type[BaseModel]
) -> tuple[str, str]:
    key = str(path[-1])
    other = _ELSEWHERE.get(key)
    if other is not None and len(path) == 1 and document.file.endswith(_BESIDE[other]):
        return f"`{key}` stands in {other}", f"move it to {other}"
    return f"unknown key `{key}`", _nearest(path, document, _keys(shape, misfit["loc"][:-1]))


def _about_text(key: object, written: str | None) -> tuple[str, str]:
    if key in _DURATIONS and written is not None and written.isdigit():
        return "a unit is missing here", f"write {written}d for days, {written}h for hours"
    return "text is needed here", f'write "{written}"' if written is not None else "write text in quotes"


def _about_a_kind(misfit: Any, context: Any) -> tuple[str, str]:
    if misfit["type"] == "union_tag_not_found":
        return "`kind` is missing", "add `kind:`, such as frequency_cap; docs/policy.md has them all"
    known = str(context.get("expected_tags", "")).replace("'", "").split(", ")
    return "a rule of no known kind", _one_of(_kind(misfit), known, before="`kind:` ")


def _about_a_word(misfit: Any, key: object, expected: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong where a word is needed, one of a few or any."""
    if misfit["input"] is not None:
        return f"`{_shown(misfit)}` is not known here", _one_of(_shown(misfit), expected)
    fix = _one_of("", expected) if expected else "write it in quotes; what follows a # is a note"
    return f"`{key}` is empty", fix


def _example_for(path: Path) -> str:
    named = next((step for step in reversed(path) if isinstance(step, str)), "")
    return _EXAMPLES.get(named, "use letters, digits, - and _")


def _said(text: str) -> tuple[str, str]:
    message, _, fix = text.partition("; ")
    return message, fix


def _kind(misfit: Any) -> str:
    given = misfit["input"]
    return str(given.get("kind", ""))[:40] if isinstance(given, dict) else ""


def _one_of(word: str, expected: Sequence[str], *, before: str = "") -> str:
    """Return `did you mean …?` where one is near, else all of them."""
    meant = _OTHER_WORDS.get(word.lower())
    near = [meant] if meant in expected else get_close_matches(word.lower(), expected, n=1)
    return f"did you mean {before}`{near[0]}`?" if near else f"write {before}one of {', '.join(expected)}"


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


def _nearest(path: Path, document: Document, keys: set[str]) -> str:
    siblings = {str(other[-1]) for other in document.places if other and other[:-1] == path[:-1]}
    near = get_close_matches(str(path[-1]), sorted(keys - siblings), n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    left = sorted(keys - siblings)
    return (
        f"take it out; known here {'is' if len(left) == 1 else 'are'} {', '.join(left)}"
        if left
        else "take it out"
    )


def _keys(shape: type[BaseModel], location: Sequence[str | int]) -> set[str]:
    """Return the keys that a mapping at this location may have, by the schema that editors get."""
    schema = shape.model_json_schema()
    node: Mapping[str, Any] = schema
    for step in location:
        node = _inside(_resolved(node, schema), step)
    return set(_resolved(node, schema).get("properties", {}))


def _inside(node: Mapping[str, Any], step: str | int) -> Mapping[str, Any]:
    """Return the schema of a part; a step that only says which member of a union it is leads nowhere new."""
    if isinstance(step, int):
        return dict(node.get("items", {}))
    if "discriminator" in node:
        return {"$ref": node["discriminator"]["mapping"].get(step, "")}
    if step in node.get("properties", {}):
        return dict(node["properties"][step])
    other = node.get("additionalProperties")
    return dict(other) if isinstance(other, dict) else node


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references, and of several forms take the one that has parts."""
    while True:
        if "$ref" in node:
            node = schema["$defs"].get(node["$ref"].rpartition("/")[2], {})
        elif "discriminator" not in node and (forms := [*node.get("anyOf", ()), *node.get("oneOf", ())]):
            node = next((form for form in forms if "$ref" in form or "items" in form), {})
        else:
            return node
