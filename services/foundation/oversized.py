"""The records of a batch that unpacks to more than may be held: read one by one, the large ones cut.

Of a large value its head is kept, its size, and a digest; the key stays whole, so that whom it names is
known, and so do the records behind it. What no batch of an honest publisher reaches is not read at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from aiokafka.errors import CorruptRecordException

from foundation.unpacking import HEAD, Cut, unpack

#: Larger parts of a record are cut where its batch unpacks to too much.
_LARGEST_PART: Final = 64 * 1024
#: Unpacking goes no further: it takes a second, and nothing else is done meanwhile.
STREAMS_TO: Final = 512 * 1024 * 1024
_MOST_HEADERS: Final = 200
_LONGEST_VARINT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedRecord:
    """A record as aiokafka's fetcher takes it from a batch."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


def stream_records(
    batch: Any, packed: bytes, *, count: int, at_most: int = STREAMS_TO
) -> Iterator[StreamedRecord]:
    """Yield the `count` records of aiokafka's `batch`, whose compressed content is `packed`.

    No more than `at_most` bytes are unpacked: what lies behind is known by its offset alone.

    Raises:
        CorruptRecordException: the content is no records.
    """
    pieces = _Pieces(unpack(batch.compression_type, packed), at_most=at_most)
    for index in range(count):
        if pieces.taken > at_most:
            yield from _unread(batch, packed, index=index, count=count)
            return
        yield _read_record(batch, pieces)


def _unread(batch: Any, packed: bytes, *, index: int, count: int) -> Iterator[StreamedRecord]:
    """Yield the records that were not reached: nobody knows whom they name."""
    digest = sha256(packed).digest()
    for number in range(index, count):
        # Of compacted batches the offsets in between are not known; the last one is.
        last = batch.next_offset - 1
        yield StreamedRecord(
            offset=min(batch.base_offset + number, last),
            timestamp=batch.max_timestamp,
            timestamp_type=batch.timestamp_type,
            key=None,
            value=Cut.of(b"", size=len(packed), digest=digest),
            headers=[],
        )


def _read_record(batch: Any, pieces: "_Pieces") -> StreamedRecord:
    pieces.varint()  # its length, which its parts say again
    pieces.varint()  # its attributes, of which there are none
    delta = pieces.varint()
    offset = batch.base_offset + pieces.varint()
    key = pieces.part(pieces.varint())
    value = pieces.part(pieces.varint())
    headers, all_read = _read_headers(pieces)
    if isinstance(key, Cut) or not all_read:
        value = Cut.from_whole(value or b"") if not isinstance(value, Cut) else value
    is_appended = batch.timestamp_type == 1
    return StreamedRecord(
        offset=offset,
        timestamp=batch.max_timestamp if is_appended else batch.first_timestamp + delta,
        timestamp_type=batch.timestamp_type,
        key=key,
        value=value,
        headers=headers,
    )


def _read_headers(pieces: "_Pieces") -> tuple[list[tuple[str, bytes | None]], bool]:
    """Return the headers, and whether each could be kept whole."""
    count = pieces.varint()
    headers: list[tuple[str, bytes | None]] = []
    all_read = count <= _MOST_HEADERS
    for _ in range(count):
        name, value = pieces.part(pieces.varint()), pieces.part(pieces.varint())
        if isinstance(name, Cut) or isinstance(value, Cut):
            all_read = False
        elif len(headers) < _MOST_HEADERS:
            headers.append(((name or b"").decode("utf-8", "backslashreplace"), value))
    return headers, all_read


class _Pieces:
    """Bytes that come in pieces, read in order; no more than one piece is held beyond what was asked for."""

    def __init__(self, pieces: Iterator[bytes], *, at_most: int) -> None:
        self._pieces = pieces
        self._at_most = at_most
        self._held = b""
        self._at = 0
        #: How many bytes were unpacked so far.
        self.taken = 0

    def varint(self) -> int:
        """Read a number as Kafka writes it: seven bits to a byte, the sign folded into the lowest."""
        number = 0
        for index in range(_LONGEST_VARINT):
            byte = self._some(1)[0]
            number |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:  # noqa: PLR2004 (the bit that says there is more)
                return (number >> 1) ^ -(number & 1)
        raise CorruptRecordException("a number has no end")

    def part(self, length: int) -> bytes | None:
        """Read so many bytes; of too many their head; None where there are less than none."""
        if length < 0:
            return None
        if length <= _LARGEST_PART:
            return self._exactly(length)
        head = self._exactly(HEAD)
        digest, left = sha256(head), length - HEAD
        while left and self.taken <= self._at_most:
            some = self._some(left)
            digest.update(some)
            left -= len(some)
        return Cut.of(head, size=length, digest=digest.digest())

    def _exactly(self, length: int) -> bytes:
        parts: list[bytes] = []
        while length:
            parts.append(self._some(length))
            length -= len(parts[-1])
        return b"".join(parts)

    def _some(self, most: int) -> bytes:
        """Read at least one byte."""
        while self._at >= len(self._held):
            self._held, self._at = next(self._pieces, b""), 0
            self.taken += len(self._held)
            if not self._held:
                raise CorruptRecordException("the batch ends within a record")
        some = self._held[self._at : self._at + most]
        self._at += len(some)
        return some
