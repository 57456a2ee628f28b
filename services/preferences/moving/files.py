"""Files as other systems and spreadsheets write them: their encoding, their separator, their rows."""

import codecs
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from schemas.strict_json import Ambiguous, load_object

_CHUNK: Final = 1 << 20
_SEPARATORS: Final = ",;\t|"
_LONGEST_CELL: Final = 100_000
_LONGEST_LINE: Final = 1_000_000
#: What Python's reader says of a cell, as whoever has the file reads it.
_OF_CELLS: Final = {
    "unexpected end of data": "has a quotation mark that is never closed, so all that follows is one cell",
    f"field larger than field limit ({_LONGEST_CELL})": f"has a cell of more than {_LONGEST_CELL:,} signs",
}
_WINDOWS: Final = "cp1252"


class UnusableFile(Exception):
    """A file of which no row can be read; it says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a file: where it begins, and its cells by the names of their columns, or a JSON object."""

    file: str
    line: int
    cells: Mapping[str, Any]
    is_json: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """A file, and how it is read. `notices` are what whoever imports it may want to know."""

    path: Path
    encoding: str
    separator: str | None
    notices: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """Yield the rows one by one; a file of any size takes the memory of one row.

        Raises:
            UnusableFile: the header cannot be used.
        """
        with self.path.open(encoding=self.encoding, newline="", errors="replace") as text:
            if self.separator is None:
                yield from self._objects(text)
            else:
                yield from self._cells(text, self.separator)

    def _cells(self, text: Any, separator: str) -> Iterator[Row]:
        csv.field_size_limit(_LONGEST_CELL)
        reader = csv.reader(text, delimiter=separator, strict=True)
        header = [name.strip() for name in next(reader, [])]
        if not header or len(set(header)) < len(header):
            raise UnusableFile(f"{self.path}: the first line must name each column, once")
        line = reader.line_num + 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                problem = _OF_CELLS.get(str(error), f"cannot be read: {error}")
                yield Row(file=str(self.path), line=line, cells={}, problem=problem)
                line = reader.line_num + 1
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield self._row(line, header, cells)
            line = reader.line_num + 1

    def _row(self, line: int, header: list[str], cells: list[str]) -> Row:
        if len(cells) != len(header):
            problem = (
                f"has {len(cells)} cells, the header {len(header)}: is a separator inside a cell not quoted?"
            )
            return Row(file=str(self.path), line=line, cells={}, problem=problem)
        named = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        return Row(file=str(self.path), line=line, cells=named)

    def _objects(self, text: Any) -> Iterator[Row]:
        for line, written in enumerate(_lines(text), start=1):
            if not written.strip():
                continue
            yield self._object(line, written)

    def _object(self, line: int, written: str) -> Row:
        if len(written) > _LONGEST_LINE:
            problem = f"has more than {_LONGEST_LINE:,} signs"
            return Row(file=str(self.path), line=line, cells={}, problem=problem)
        try:
            return Row(file=str(self.path), line=line, cells=load_object(written), is_json=True)
        except Ambiguous as error:
            return Row(file=str(self.path), line=line, cells={}, problem=error.problem)


def _lines(text: Any) -> Iterator[str]:
    """Yield the lines of a text; of one that is too long no more than shows that it is."""
    while written := text.readline(_LONGEST_LINE + 1):
        rest = written
        while len(rest) > _LONGEST_LINE and not rest.endswith("\n"):
            rest = text.readline(_LONGEST_LINE + 1)
        yield written


def open_file(path: Path) -> ImportFile:
    """Find out how a file is written, by looking at all of it once.

    Raises:
        UnusableFile: it cannot be opened, is empty, or is no text.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        if not head.strip():
            raise UnusableFile(f"{path}: is empty")
        encoding, notices = _encoding(path, head)
    except OSError as error:
        raise UnusableFile(f"{path}: cannot be opened: {error.strerror}") from None
    first = head.decode(encoding, "replace").lstrip("\ufeff").splitlines()[0]
    if first.lstrip().startswith("["):
        raise UnusableFile(f"{path}: is a list in JSON; write one object on each line, without brackets")
    separator = None if first.lstrip().startswith("{") else max(_SEPARATORS, key=first.count)
    if separator is not None and separator != ",":
        notices.append(f"columns are separated by {separator!r}")
    return ImportFile(path=path, encoding=encoding, separator=separator, notices=tuple(notices))


def _encoding(path: Path, head: bytes) -> tuple[str, list[str]]:
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnusableFile(f"{path}: is a workbook; save the sheet as CSV (UTF-8)")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", ["is UTF-16, and read as that"]
    if b"\x00" in head:
        raise UnusableFile(f"{path}: is no text; save it as CSV (UTF-8) or JSON lines")
    if _is_utf8(path):
        return "utf-8-sig", []
    return _WINDOWS, [
        "is not UTF-8, and read as Windows-1252 (Latin-1); if names look wrong afterwards, save it as UTF-8"
    ]


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
