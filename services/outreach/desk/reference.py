"""The reference of keys, for the screen and for a page."""

from collections.abc import Iterable, Iterator

from outreach.guidance.files.reference import ANY_NAME, Key, keys_of


def key_lines(keys: Iterable[Key]) -> Iterator[str]:
    """Yield each key with what it takes, whether it must be there, an example, and what happens."""
    for key in keys:
        must = "required" if key.required else f"default {key.default}" if key.default else "may be left out"
        example = f"  e.g. {key.example}" if key.example else ""
        yield key.path
        yield f"    {key.takes}; {must}{example}"
        if key.does:
            yield f"    {key.does}"


def reference_page(file: str) -> str:
    """Return the reference of a file as tables in Markdown, one for each mapping."""
    tables: dict[str, list[Key]] = {}
    for key in keys_of(file):
        tables.setdefault(".".join(key.steps[1:-1]), []).append(key)
    return "\n".join(line for above, keys in tables.items() for line in _table(above, keys))


def _table(above: str, keys: list[Key]) -> Iterator[str]:
    yield f"### {_heading(above)}"
    yield ""
    yield "| key | takes | left out | example | what happens |"
    yield "| --- | --- | --- | --- | --- |"
    for key in keys:
        left_out = "**required**" if key.required else _code(key.default) or "-"
        yield f"| `{key.steps[-1]}` | {key.takes} | {left_out} | {_code(key.example)} | {key.does} |"
    yield ""


def _heading(above: str) -> str:
    if not above:
        return "At the top"
    return f"`{above.replace(ANY_NAME, '<name>')}`"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
