"""One record with a header name that is no UTF-8 must not stop its partition.

Kafka allows any bytes there. aiokafka raises while it reads such a record, again and again, and passes by
the records before it. Here a batch that cannot be read is read once more, with such bytes in hexadecimal.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH_AT = 8
_BEFORE_LENGTH_COUNTS = 12


def tolerate_any_header_name() -> None:
    """Have all consumers of this process read such records; doing it again changes nothing."""
    # aiokafka offers no other place: its fetcher names the class.
    fetcher.MemoryRecords = _Records


class _Records:
    """aiokafka's own, remembering the bytes of each batch."""

    def __init__(self, data: bytes) -> None:
        self._records = MemoryRecords(data)
        self._data = data
        self._at = 0

    def size_in_bytes(self) -> int:
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        batch = self._records.next_batch()
        begins, length_at = self._at, self._at + _LENGTH_AT
        length = int.from_bytes(self._data[length_at : length_at + 4], "big")
        self._at = begins + _BEFORE_LENGTH_COUNTS + length
        return _Batch(batch, memoryview(self._data)[begins : self._at])


class _Batch:
    """A batch that is read whole, so that it can be read again."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            return self._read_leniently()

    def _read_leniently(self) -> Iterator[Any]:
        batch = _DefaultRecordBatchPy(self._data)
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
