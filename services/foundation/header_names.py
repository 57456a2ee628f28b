"""How batches of records are read, whatever a publisher has put into them; aiokafka's way is not enough.

One record with a header name that is no UTF-8 must not stop its partition: Kafka allows any bytes there.
aiokafka raises while it reads such a record, again and again, and passes by the records before it. Here a
batch that cannot be read is read once more, with such bytes in hexadecimal.

What unpacks to more than may be held is not unpacked whole (`foundation.oversized`).
"""

import struct
from collections.abc import Iterator
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

from foundation.oversized import STREAMS_TO, stream_records
from foundation.unpacking import unpack

_LENGTH_AT: Final = 8
_BEFORE_LENGTH_COUNTS: Final = 12
_MAGIC_AT: Final = 16
_ATTRIBUTES_AT: Final = 21
_COUNT_AT: Final = 57
_HEADER: Final = 61
_COMPRESSED: Final = 0x07

#: What the batches of one answer of Kafka's may unpack to, for each partition: an answer holds a megabyte.
UNPACKS_TO: Final = 32 * 1024 * 1024


def tolerate_any_header_name() -> None:
    """Have all consumers of this process read such records; doing it again changes nothing."""
    # aiokafka offers no other place: its fetcher names the class.
    fetcher.MemoryRecords = _Records


class _Records:
    """aiokafka's own, remembering the bytes of each batch, and what all of them have unpacked to."""

    def __init__(self, data: bytes, unpacks_to: int = UNPACKS_TO, streams_to: int = STREAMS_TO) -> None:
        self._records = MemoryRecords(data)
        self._data = data
        self._at = 0
        self._room = _Room(unpacks_to, streams_to)

    def size_in_bytes(self) -> int:
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        batch = self._records.next_batch()
        begins, length_at = self._at, self._at + _LENGTH_AT
        length = int.from_bytes(self._data[length_at : length_at + 4], "big")
        self._at = begins + _BEFORE_LENGTH_COUNTS + length
        return _Batch(batch, memoryview(self._data)[begins : self._at], room=self._room)


class _Room:
    """How much may still be unpacked, and how far a batch is read that has no room."""

    def __init__(self, left: int, streams_to: int) -> None:
        self.left = left
        self.streams_to = streams_to

    def unpack(self, codec: int, packed: bytes) -> bytes | None:
        """Return all that a batch holds, or None where there is no room for it."""
        pieces: list[bytes] = []
        for piece in unpack(codec, packed):
            self.left -= len(piece)
            if self.left < 0:
                return None
            pieces.append(piece)
        return b"".join(pieces)


class _Batch:
    """A batch that is read whole, so that it can be read again, unless that would be too much."""

    def __init__(self, batch: Any, data: memoryview, *, room: _Room) -> None:
        self._batch = batch
        self._data = data
        self._room = room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        # Asked of the markers that end transactions, and of nothing else.
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        # Batches of before Kafka 0.11 are laid out in another way; no broker of today hands them out.
        if self._batch.compression_type and self._data[_MAGIC_AT] >= 2:  # noqa: PLR2004 (their version)
            return self._unpacked()
        return _read(self._batch, self._data)

    def _unpacked(self) -> Iterator[Any]:
        packed = bytes(self._data[_HEADER:])
        whole = self._room.unpack(self._batch.compression_type, packed)
        if whole is None:
            (count,) = struct.unpack_from(">i", self._data, _COUNT_AT)
            return stream_records(self._batch, packed, count=count, at_most=self._room.streams_to)
        plain = bytearray(self._data[:_HEADER]) + whole
        (attributes,) = struct.unpack_from(">h", plain, _ATTRIBUTES_AT)
        struct.pack_into(">i", plain, _LENGTH_AT, len(plain) - _BEFORE_LENGTH_COUNTS)
        struct.pack_into(">h", plain, _ATTRIBUTES_AT, attributes & ~_COMPRESSED)
        return _read(DefaultRecordBatch(bytes(plain)), memoryview(plain))


def _read(batch: Any, data: memoryview) -> Iterator[Any]:
    try:
        return iter(list(batch))
    except UnicodeDecodeError:
        return _read_leniently(data)


def _read_leniently(data: memoryview) -> Iterator[Any]:
    batch = _DefaultRecordBatchPy(data)
    iter(batch)  # unpacks it
    batch._buffer = _Lenient(batch._buffer)  # noqa: SLF001
    yield from batch


class _Lenient(bytearray):
    """Bytes whose parts never fail to be text."""

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return _Lenient(part) if isinstance(part, bytearray) else part

    def decode(self, encoding: str = "utf-8", _errors: str = "") -> str:
        return super().decode(encoding, "backslashreplace")
