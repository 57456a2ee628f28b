"""A multipart form as SendGrid posts an email: read as it comes, and no more of it kept than is of use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from outreach.providers.receipts import Unreadable

#: What is kept of a field. A raw email is longer than its text: its pictures stand behind it.
LONGEST_FIELD = 256 * 1024
LONGEST_EMAIL = 2 * 1024 * 1024
_MOST_PARTS = 300
_LONGEST_HEADER = 4096
#: The field that holds a whole email, where SendGrid is set to send it raw.
RAW = "email"


@dataclass(slots=True)
class Part:
    """One part of a form. `is_cut`: it was longer than what is kept. Of a file only the name is kept."""

    name: str
    file_name: str | None
    content: bytearray = field(default_factory=bytearray, repr=False)
    is_cut: bool = False


class MultipartForm:
    """Takes a form bit by bit. What is malformed ends the reading; what stood before it is kept."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        self._parts: list[Part] = []
        self._headers: dict[bytes, bytearray] = {}
        self._header, self._value = bytearray(), bytearray()
        self._parser = (
            MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._take_header,
                    "on_header_value": self._take_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._take,
                },
            )
            if kind == b"multipart/form-data" and boundary
            else None
        )
        self._is_broken = self._parser is None

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the form."""
        if self._is_broken or self._parser is None:
            return
        try:
            self._parser.write(data)
        except FormParserError:
            self._is_broken = True

    def parts(self) -> Mapping[str, Part] | Unreadable:
        """Return the fields by name, once all is fed; of two of one name the first counts."""
        if not self._parts:
            return Unreadable("not_a_form")
        return {part.name: part for part in reversed(self._parts) if part.file_name is None}

    def file_names(self) -> list[str]:
        """Return the names of the files that came with it."""
        return [part.file_name for part in self._parts if part.file_name is not None]

    def _begin(self) -> None:
        self._headers = {}

    def _take_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        if len(self._value) < _LONGEST_HEADER:
            self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[bytes(self._header).lower()] = self._value
        self._header, self._value = bytearray(), bytearray()

    def _end_headers(self) -> None:
        _, options = parse_options_header(bytes(self._headers.get(b"content-disposition", b"")))
        if len(self._parts) == _MOST_PARTS:
            self._is_broken = True
            return
        file_name = options.get(b"filename")
        self._parts.append(
            Part(
                name=options.get(b"name", b"").decode("utf-8", "replace"),
                file_name=None if file_name is None else file_name.decode("utf-8", "replace"),
            )
        )

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._is_broken:
            return
        part = self._parts[-1]
        room = 0 if part.file_name is not None else LONGEST_EMAIL if part.name == RAW else LONGEST_FIELD
        room -= len(part.content)
        if end - start > room:
            part.is_cut = True
        if room > 0:
            part.content += data[start : min(end, start + room)]
