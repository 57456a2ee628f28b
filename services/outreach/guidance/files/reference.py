"""What may be written in policy.yaml and playbook.yaml, key by key: from the shapes that read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from outreach.guidance.files.playbook_shapes import PlaybookShape
from outreach.guidance.files.shapes import PolicyShape

FILES: Final[Mapping[str, type[BaseModel]]] = {"playbook": PlaybookShape, "policy": PolicyShape}
#: Stands for a name that the file's author gives.
ANY_NAME: Final = "NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key: where it stands, what it takes, what it is if left out, an example, and what it does.

    `steps` are the keys from the file's top, `NAME` where its author chooses one.
    """

    steps: tuple[str, ...]
    takes: str
    required: bool
    default: str
    example: str
    does: str

    @property
    def path(self) -> str:
        return ".".join(self.steps)


def keys_of(file: str) -> Iterator[Key]:
    """Yield every key of a file, each after the one that it stands under."""
    schema = FILES[file].model_json_schema(by_alias=True)
    yield from _keys(schema, schema, (file,))


def explain_key(path: str) -> list[Key]:
    """Return the key at a path and those right under it; names that an author chooses may be left out.

    `playbook.plays.repeat` and `playbook.plays.check_in.repeat` are the same.
    """
    asked = tuple(path.split("."))
    every = list(keys_of(asked[0])) if asked[0] in FILES else []
    named = {key.steps for key in every if _is_meant(asked, key.steps)}
    if len(asked) == 1:
        return [key for key in every if len(key.steps) == 2]  # noqa: PLR2004 - a file's own keys
    return [key for key in every if key.steps in named or _holder(key.steps) in named]


def _holder(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return the key that a key stands under, past the name that an author gave."""
    above = steps[:-1]
    return above[:-1] if above[-1] == ANY_NAME else above


def _is_meant(asked: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    if not asked or not steps:
        return not asked and not steps
    if steps[0] == ANY_NAME:
        return _is_meant(asked, steps[1:]) or _is_meant(asked[1:], steps[1:])
    return asked[0] == steps[0] and _is_meant(asked[1:], steps[1:])


def _keys(node: Mapping[str, Any], schema: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[Key]:
    required = set(node.get("required", ()))
    for name, part in node.get("properties", {}).items():
        steps = (*above, name)
        forms = _forms(part, schema)
        yield Key(
            steps=steps,
            takes=" or ".join(dict.fromkeys(_takes(form, schema) for form in forms)),
            required=name in required,
            default=_written(part["default"]) if part.get("default") not in (None, [], {}) else "",
            example=_written(part["examples"][0]) if "examples" in part else "",
            does=part.get("description", ""),
        )
        for form in forms:
            yield from _below(form, schema, steps)


def _below(form: Mapping[str, Any], schema: Mapping[str, Any], steps: tuple[str, ...]) -> Iterator[Key]:
    if "properties" in form:
        yield from _keys(form, schema, steps)
    elif isinstance(form.get("additionalProperties"), dict):
        for inner in _forms(form["additionalProperties"], schema):
            yield from _keys(inner, schema, (*steps, ANY_NAME))
    elif "items" in form and "oneOf" not in form["items"]:
        for inner in _forms(form["items"], schema):
            yield from _keys(inner, schema, steps)


def _forms(node: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the forms that a value may have, references followed, null left out."""
    if "$ref" in node:
        return _forms(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    for several in ("anyOf", "oneOf"):
        if several in node and "discriminator" not in node:
            return [form for part in node[several] for form in _forms(part, schema)]
    return [] if node.get("type") == "null" else [node]


def _takes(form: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "enum" in form:
        return f"one of {', '.join(map(str, form['enum']))}"
    if "const" in form:
        return str(form["const"])
    if "properties" in form:
        return "keys of its own"
    match form.get("type"):
        case "object":
            return "names of your own, each with its keys"
        case "array":
            parts = dict.fromkeys(_takes(part, schema) for part in _forms(form["items"], schema))
            return f"list of {' or '.join(parts) if 'discriminator' not in form['items'] else 'rules'}"
        case "boolean":
            return "true or false"
        case "integer":
            return _whole_number(form)
        case _:
            return _text(form)


def _whole_number(form: Mapping[str, Any]) -> str:
    low, high = form.get("minimum"), form.get("maximum")
    return "whole number" if low is None or high is None else f"whole number, {low} to {high}"


#: What a text is, by how it is checked.
_BY_FORMAT: Final = {"date": 'day in quotes, "2027-01-01"', "email": "email address", "uri": "web address"}
_BY_PATTERN: Final = (
    ("[-+]?[0-9]{1,6} ?(d|h|min)", "duration in d, h or min, `-` for before"),
    ("(d|h|min)", "duration in d, h or min"),
    ("2[0-4]):", 'time of day in quotes, "09:00"'),
    (r"(\.[0-9]+)?$", 'number in quotes, "25.00"'),
    ("A-Za-z, -", "weekdays, such as mon-fri"),
)


def _text(form: Mapping[str, Any]) -> str:
    if form.get("format") in _BY_FORMAT:
        return _BY_FORMAT[form["format"]]
    pattern = form.get("pattern", "")
    return next((words for piece, words in _BY_PATTERN if piece in pattern), "text")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_written(part) for part in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_written(part)}' for key, part in value.items())}}}"
    text = str(value)
    return f'"{text}"' if text[:1].isdigit() and (":" in text or "." in text or "-" in text) else text
