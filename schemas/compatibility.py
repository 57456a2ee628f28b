"""Whether one JSON Schema reads whatever another lets be written.

It understands the part of JSON Schema in which our schemas are made. Where it cannot tell (a
pattern that changed, say) it answers no, and a person decides.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

#: Bounds a reader may not draw tighter than the writer: the name, and which side it bounds.
_BOUNDS = {
    "minLength": 1,
    "minItems": 1,
    "minimum": 1,
    "exclusiveMinimum": 1,
    "maxLength": -1,
    "maxItems": -1,
    "maximum": -1,
    "exclusiveMaximum": -1,
}


def breaking_changes(name: str, *, old: Schema, new: Schema | None, published: bool) -> list[str]:
    """Return what the change from `old` to `new` would break, one sentence each.

    What others write in the old form must still be read: by now or from a topic that keeps it.
    What we publish in the new form must be read by those who know only the old.
    """
    if new is None:
        return [f"{name}: the event is gone; events are retired by a new version beside the old"]
    found = [
        f"{name}: what is written today would be refused: {refusal}"
        for refusal in refusals(reader=new, writer=old)
    ]
    if published:
        found += [
            f"{name}: readers of today would refuse it: {refusal}"
            for refusal in refusals(reader=old, writer=new)
        ]
    return found


def refusals(*, reader: Schema, writer: Schema) -> list[str]:
    """Return the places at which `reader` may refuse what `writer` permits."""
    return list(_Comparison(reader, writer).at("data", reader, writer))


class _Comparison:
    """Two whole schemas, whose parts refer to their own definitions."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader = reader
        self._writer = writer

    def at(self, path: str, reader: Schema, writer: Schema) -> Iterator[str]:
        reader, writer = _resolve(self._reader, reader), _resolve(self._writer, writer)
        if "anyOf" in writer:
            for form in writer["anyOf"]:
                yield from self.at(path, reader, form)
        elif "anyOf" in reader:
            if all(any(self.at(path, form, writer)) for form in reader["anyOf"]):
                yield f"{path}: none of the forms that are read fits {_form(writer)}"
        elif reader.get("type") not in (None, writer.get("type")):
            yield f"{path}: {_form(reader)} is read, {_form(writer)} is written"
        else:
            yield from self._scalars(path, reader, writer)
            yield from self._members(path, reader, writer)
            if "items" in reader:
                yield from self.at(f"{path}[]", reader["items"], writer.get("items", {}))

    def _members(self, path: str, reader: Schema, writer: Schema) -> Iterator[str]:
        written = writer.get("properties", {})
        for name in set(reader.get("required", ())) - set(writer.get("required", ())):
            yield f"{path}.{name}: is required, and need not be written"
        for name, field in written.items():
            if name in reader.get("properties", {}):
                yield from self.at(f"{path}.{name}", reader["properties"][name], field)
            elif reader.get("additionalProperties") is False:
                yield f"{path}.{name}: is not known"

    def _scalars(self, path: str, reader: Schema, writer: Schema) -> Iterator[str]:
        if missing := _values(writer) - _values(reader):
            yield f"{path}: {', '.join(sorted(missing))} may be written and is not read"
        elif _values(reader) and not _values(writer):
            yield f"{path}: anything may be written, a few values are read"
        for name in ("pattern", "format"):
            if reader.get(name, writer.get(name)) != writer.get(name):
                yield f"{path}: the {name} that is read differs from the one that is written"
        for name, side in _BOUNDS.items():
            if name in reader and (name not in writer or side * reader[name] > side * writer[name]):
                yield f"{path}: {name} {reader[name]} is tighter than what is written"


def _resolve(whole: Schema, part: Schema) -> Schema:
    while "$ref" in part:
        part = whole["$defs"][part["$ref"].removeprefix("#/$defs/")]
    return part


def _values(schema: Schema) -> frozenset[str]:
    found = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return frozenset(map(str, found))


def _form(schema: Schema) -> str:
    return str(schema.get("format") or schema.get("type") or "another form")
