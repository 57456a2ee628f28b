"""YAML 1.2 into plain values that remember where they stood.

Whatever some YAML reader takes for something else than it looks is refused with its fix: a bare
`21:00` is 1260 to many, `ON` is true, `02108` is 2108 or 1096, a bare date is no string. Anchors
and aliases are refused too: a few lines of them can stand for gigabytes.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from outreach.guidance.files.problems import ConfigError, Finding
from outreach.model.finding import Severity

Path = tuple[str | int, ...]
#: Line and column, counted from 1.
Place = tuple[int, int]

#: Where it is told how most of our files are written.
MANUAL: Final = "docs/policy.md and docs/playbook.md"
#: Fifteen times our longest file; reading YAML in Python, and with places, takes long.
LONGEST: Final = 500_000
_DEEPEST: Final = 32

_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_BOOLEANS: Final = {"true": True, "false": False}
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
#: Plain scalars that one YAML reader or another takes for a number, a truth, a time or a date.
_AMBIGUOUS: Final = re.compile(
    r"""[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?     # 21:00 is 1260
      | [-+]?0[0-9_]+                                   # 02108 is 1096
      | [-+]?0[xob][0-9a-fA-F_]+
      | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\ ].*)?       # 2026-06-15 is a date
      | y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|True|TRUE|False|FALSE
      | [-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)
      | =|<<
    """,
    re.VERBOSE,
)
_DECIMAL: Final = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's values, and where each of them stood.

    `places` knows keys by the path of their value. `written` has the text of bare scalars, for
    saying how to quote them. `digest` is the hash of its text. `manual` is where it is told how such a
    file is written.
    """

    file: str
    value: Any
    places: Mapping[Path, Place]
    written: Mapping[Path, str]
    digest: str = ""
    manual: str = MANUAL

    def place(self, path: Path) -> Place:
        """Return where a value stands; of one that is not there, the place it is missing from."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def problem(self, path: Path, message: str, fix: str = "") -> Finding:
        """Return an error about a value, placed where it stands."""
        return self.finding(path, Severity.ERROR, message, fix=fix)

    def finding(self, path: Path, severity: Severity, message: str, *, fix: str = "") -> Finding:
        """Return what is to be said of a value, placed where it stands."""
        line, column = self.place(path)
        return Finding(file=self.file, line=line, column=column, message=message, fix=fix, severity=severity)


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence being read."""

    path: Path
    value: Any
    key: str | None = None


@dataclass(slots=True)
class _Reader:
    file: str
    places: dict[Path, Place] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    root: Any = None
    documents: int = 0

    def read(self, event: Any) -> None:
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._refuse(event, "a second document begins", "keep one document per file")
            case AliasEvent():
                self._refuse(event, "aliases are not read", "write the value out again")
                self._put(event, None)
            case ScalarEvent():
                self._read_scalar(event)
            case MappingStartEvent():
                self._begin(event, {})
            case SequenceStartEvent():
                self._begin(event, [])
            case MappingEndEvent() | SequenceEndEvent():
                self.frames.pop()
            case _:
                pass

    def _begin(self, event: Any, value: Any) -> None:
        self._refuse_anchor(event)
        if len(self.frames) >= _DEEPEST:
            self._refuse(event, f"nested deeper than {_DEEPEST}")
            raise ConfigError(self.problems)
        path = self._put(event, value)
        self.frames.append(_Frame(path, value))

    def _read_scalar(self, event: Any) -> None:
        self._refuse_anchor(event)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            self._read_key(event, frame)
            return
        text = event.value
        if event.style is None and text and text[0] in _CURLY:
            fix = f'write straight ones: "{text.strip(_CURLY)}"'
            self._refuse(event, "curly quotes are read as a part of the text", fix)
        path = self._put(event, self._plain(event) if event.style is None and event.tag is None else text)
        if event.style is None:
            self.written[path] = text

    def _read_key(self, event: Any, frame: _Frame) -> None:
        key = event.value
        if key in frame.value:
            self._refuse(event, f"`{key}` is given twice", "keep one of them")
        frame.key = key
        self.places[(*frame.path, key)] = _place(event)

    def _plain(self, event: Any) -> Any:
        text = event.value
        if _AMBIGUOUS.fullmatch(text):
            fix = f'write "{text}", or true or false' if text.isalpha() else f'write "{text}"'
            self._refuse(event, f"a bare {text} means different things to different readers", fix)
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.match(text) and len(text) < 19:  # noqa: PLR2004 - what fits 64 bits
            return int(text)
        return float(text) if _DECIMAL.match(text) else text

    def _put(self, event: Any, value: Any) -> Path:
        """Place a value into the mapping or sequence being read; return its path."""
        if not self.frames:
            self.root = value
            self.places[()] = _place(event)
            return ()
        frame = self.frames[-1]
        if isinstance(frame.value, list):
            path = (*frame.path, len(frame.value))
            frame.value.append(value)
            self.places[path] = _place(event)
            return path
        if frame.key is None:
            self._refuse(event, "a key must be a word")
            raise ConfigError(self.problems)
        path = (*frame.path, frame.key)
        frame.value[frame.key] = value
        frame.key = None
        if event.start_mark.line + 1 == self.places[path][0]:
            self.places[path] = _place(event)
        return path

    def _refuse_anchor(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, "anchors are not read", "write the value out where it is needed")

    def _refuse(self, event: Any, message: str, fix: str = "") -> None:
        line, column = _place(event)
        self.problems.append(Finding(file=self.file, line=line, column=column, message=message, fix=fix))


def read_yaml(text: str, *, file: str, manual: str = MANUAL) -> Document:
    """Read one YAML document, how to write which `manual` tells.

    Raises:
        ConfigError: it is not YAML, or says something that readers take differently.
    """
    if len(text) > LONGEST:
        raise ConfigError(
            [
                Finding(
                    file=file,
                    line=1,
                    column=1,
                    message=f"longer than {LONGEST:,} characters",
                    fix="take out what is not needed",
                )
            ]
        )
    reader = _Reader(file)
    try:
        for event in YAML(pure=True).parse(text):
            reader.read(event)
    except MarkedYAMLError as error:
        raise ConfigError([*reader.problems, _syntax_problem(error, file, manual)]) from error
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise ConfigError([Finding(file=file, line=1, column=1, message=f"not YAML: {error}")]) from error
    if reader.problems:
        raise ConfigError(reader.problems)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(
        file=file,
        value=reader.root,
        places=reader.places,
        written=reader.written,
        digest=digest,
        manual=manual,
    )


def _syntax_problem(error: MarkedYAMLError, file: str, manual: str) -> Finding:
    mark = error.problem_mark or error.context_mark
    message, fix = _plain_syntax(f"{error.context or ''} {error.problem or ''}".strip(), manual)
    return Finding(
        file=file,
        line=mark.line + 1 if mark else 1,
        column=mark.column + 1 if mark else 1,
        message=f"not YAML: {message}",
        fix=fix,
    )


#: What word processors make of straight quotes.
_CURLY: Final = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"
#: What the reader of YAML says, in words of our own: what to look for, what is wrong, and the fix.
_SYNTAX: Final = (
    (r"found character '\\t'|found a tab", "a tab", "indent with spaces"),
    ("but found '<block|bad indentation|did not find expected|mapping values are not allowed",
     "this line is indented otherwise than its neighbors, or a quote is missing",
     "begin it in the same column as the line before that it belongs with; put text with a colon in quotes"),
    ("but got '<stream end>'|unexpected end of stream", "something above is not closed",
     "close it with the bracket or quote that it began with"),
    ("expected ',' or '[\\]}]'", "a comma or a closing bracket is missing", "write it before this place"),
    ("could not find expected ':'", "a colon is missing", "write `key: value`"),
    ("cannot start any token", "a sign that begins nothing", "put the text in quotes"),
)  # fmt: skip


def _plain_syntax(said: str, manual: str) -> tuple[str, str]:
    for pattern, message, fix in _SYNTAX:
        if re.search(pattern, said):
            return message, fix
    return said, f"compare it with the examples in {manual}"


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1
