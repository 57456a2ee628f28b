"""What an agency's pages wear: its name, logo, two colors and fonts, read from a file of its own."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from foundation.pages.contrast import TEXT, Color, contrast, until_readable

#: A page with all that belongs to it stays below 50 kB.
LARGEST_LOGO: Final = 10_000
LARGEST_FONTS: Final = 24_000
_LARGEST_FILE: Final = 4_000

_KINDS: Final[Mapping[str, tuple[str, bytes]]] = {
    ".svg": ("image/svg+xml", b"<"),
    ".png": ("image/png", b"\x89PNG\r\n"),
    ".woff2": ("font/woff2", b"wOF2"),
}
_LOGOS: Final = (".svg", ".png")
_FONTS: Final = (".woff2",)

_FIXES: Final[Mapping[str, str]] = {
    "missing": "is needed beside the other one; write both colors",
    "string_too_long": "write less",
    "string_too_short": "write something",
    "string_pattern_mismatch": "write it in one line",
}


class DressRefused(Exception):
    """The file cannot be worn. Each of `problems` is a line: file, line, what is wrong and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _a_color(text: str) -> str:
    return str(Color.read(text))


_Line = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Written = Annotated[str, AfterValidator(_a_color)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Colors(_Shape):
    """The color of buttons and links, and the ground that everything stands on."""

    main: _Written
    ground: _Written


class Fonts(_Shape):
    """Font files beside this one, as WOFF2: for text, and for headings where they differ."""

    text: str | None = None
    headings: str | None = None


class Dress(_Shape):
    """The file, as it is written. `dark` is worked out of `colors` where it is not given.

    `phone` is shown as it is written, to whoever would rather call. `logo` is a file beside this one.
    """

    name: _Line | None = None
    phone: _Line | None = None
    logo: str | None = None
    colors: Colors = Colors(main="#1d5c58", ground="#f7f4ed")
    dark: Colors | None = None
    fonts: Fonts = Fonts()


@dataclass(frozen=True, slots=True)
class Worn:
    """A dress, and the files that belong to it: media type and content, by their name in the dress."""

    dress: Dress
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


_SECTIONS: Final[Mapping[str, type[_Shape]]] = {"colors": Colors, "dark": Colors, "fonts": Fonts}


def read_dress(path: Path) -> Worn:
    """Return what the file says and the files it names, all of it checked.

    Raises:
        DressRefused: something in it cannot be; every problem is listed.
    """
    places: dict[tuple[str, ...], int] = {}
    values = _values(path, places)
    try:
        dress = Dress.model_validate(values)
    except ValidationError as error:
        misfits = error.errors(include_url=False, include_input=False)
        raise DressRefused([_misfit(path, places, dict(misfit)) for misfit in misfits]) from None
    problems = [_at(path, places, place, what) for place, what in _hard_to_read(dress)]
    files: dict[str, tuple[str, bytes]] = {}
    for place, name, kinds in _named_files(dress):
        try:
            files[name] = _file(path.parent, name, kinds)
        except ValueError as error:
            problems.append(_at(path, places, place, str(error)))
    problems += [_at(path, places, place, what) for place, what in _too_large(dress, files)]
    if problems:
        raise DressRefused(problems)
    return Worn(dress, files)


def _values(path: Path, places: dict[tuple[str, ...], int]) -> dict[str, Any]:
    """Return the file's values and note on which line each stands. Every value is text, however it looks."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise DressRefused(
            [f"{path}:1: cannot be read; name a text file that the service may open"]
        ) from None
    if len(text) > _LARGEST_FILE:
        raise DressRefused([f"{path}:1: is too long; a dress has a dozen lines"])
    try:
        root = YAML(typ="base", pure=True).compose(text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = 1 if mark is None else mark.line + 1
        raise DressRefused([f"{path}:{line}: is not YAML; write `name: value` on each line"]) from None
    if not isinstance(root, MappingNode):
        raise DressRefused([f"{path}:1: says nothing; write at least `name: Your agency`"])
    return dict(_pairs(path, root, (), places))


def _pairs(
    path: Path, node: MappingNode, above: tuple[str, ...], places: dict[tuple[str, ...], int]
) -> Iterator[tuple[str, Any]]:
    for key, value in node.value:
        place = (*above, key.value if isinstance(key, ScalarNode) else "?")
        if place in places:
            line = key.start_mark.line + 1
            raise DressRefused([f"{path}:{line}: `{'.'.join(place)}` is there twice; take one out"])
        places[place] = key.start_mark.line + 1
        yield place[-1], _value(path, value, place, places)


def _value(path: Path, node: Node, place: tuple[str, ...], places: dict[tuple[str, ...], int]) -> Any:
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, MappingNode) and place[0] in _SECTIONS and not place[1:]:
        return dict(_pairs(path, node, place, places))
    line = node.start_mark.line + 1
    raise DressRefused([f"{path}:{line}: `{'.'.join(place)}` is one value; write it as text"])


def _misfit(path: Path, places: Mapping[tuple[str, ...], int], misfit: Mapping[str, Any]) -> str:
    place = tuple(map(str, misfit["loc"]))
    if misfit["type"] == "extra_forbidden":
        model = _SECTIONS[place[0]] if place[1:] else Dress
        known = list(model.model_fields)
        near = difflib.get_close_matches(place[-1], known, n=1)
        fix = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"
        return _at(path, places, place, f"`{'.'.join(place)}` is not known; {fix}")
    fix = _FIXES.get(misfit["type"], misfit["msg"].removeprefix("Value error, "))
    return _at(path, places, place, f"`{'.'.join(place)}`: {fix}")


def _at(path: Path, places: Mapping[tuple[str, ...], int], place: tuple[str, ...], what: str) -> str:
    while place and place not in places:
        place = place[:-1]
    return f"{path}:{places.get(place, 1)}: {what}"


def _hard_to_read(dress: Dress) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the colors that cannot be told apart well enough, each with one that can."""
    for name in ("colors", "dark"):
        colors: Colors | None = getattr(dress, name)
        if colors is None:
            continue
        main, ground = Color.read(colors.main), Color.read(colors.ground)
        if (ratio := contrast(main, ground)) < TEXT:
            better = until_readable(main, ground)
            found = f"`{name}.main` on `{name}.ground` has a contrast of {ratio:.1f}, {TEXT} is needed"
            yield (name, "main"), f'{found}; write "{better}"'


def _named_files(dress: Dress) -> Iterator[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    if dress.logo is not None:
        yield ("logo",), dress.logo, _LOGOS
    for name in ("text", "headings"):
        if (font := getattr(dress.fonts, name)) is not None:
            yield ("fonts", name), font, _FONTS


def _file(folder: Path, name: str, kinds: tuple[str, ...]) -> tuple[str, bytes]:
    """Return a file that lies beside the dress.

    Raises:
        ValueError: it is none of these kinds, lies elsewhere, or cannot be read.
    """
    path = folder / name
    if path.suffix.lower() not in kinds:
        raise ValueError(f"`{name}` must be a file that ends in {' or '.join(kinds)}")
    if folder.resolve() not in path.resolve().parents:
        raise ValueError(f"`{name}` must lie beside this file; copy it there")
    try:
        content = path.read_bytes()
    except OSError:
        raise ValueError(f"`{name}` cannot be read; put it beside this file") from None
    media_type, begins = _KINDS[path.suffix.lower()]
    if not content.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(begins):
        raise ValueError(f"`{name}` is no {path.suffix.lower()} inside; export it anew")
    return media_type, content


def _too_large(dress: Dress, files: Mapping[str, tuple[str, bytes]]) -> Iterator[tuple[tuple[str, ...], str]]:
    for place, names, most in (
        ("logo", (dress.logo,), LARGEST_LOGO),
        ("fonts", (dress.fonts.text, dress.fonts.headings), LARGEST_FONTS),
    ):
        size = sum(len(content) for name, (_, content) in files.items() if name in names)
        if size > most:
            yield (place,), f"`{place}` has {size} bytes, {most} are allowed on slow phones; make it smaller"
