"""Compressed records, unpacked piece by piece: what a few bytes become is up to whoever sent them.

A publisher's batch of 200 KB may unpack to 200 MB and more. Here it is never held whole: pieces of a bounded
size come out, and whoever asks stops asking, or keeps no more of each record than its head and a digest.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

import cramjam
import lz4.frame
import zstandard
from aiokafka.errors import CorruptRecordException

#: Of a record that is too large this much is kept.
HEAD: Final = 4096
_PIECE: Final = 64 * 1024
_XERIAL: Final = b"\x82SNAPPY\x00"
_XERIAL_HEADER: Final = 16
#: No copy of Snappy's makes more than 64 bytes of three; what claims to is broken.
_SNAPPY_AT_MOST: Final = 64


class Cut(bytes):
    """The head of a value that is too large to be held; `size` and `digest` are those of all of it."""

    size: int
    digest: bytes

    @classmethod
    def of(cls, head: bytes, *, size: int, digest: bytes) -> "Cut":
        cut = cls(head)
        cut.size, cut.digest = size, digest
        return cut

    @classmethod
    def from_whole(cls, value: bytes) -> "Cut":
        """Return the same of a value that was held after all."""
        return cls.of(value[:HEAD], size=len(value), digest=sha256(value).digest())


def unpack(codec: int, packed: bytes) -> Iterator[bytes]:
    """Yield what a batch holds, in pieces of at most 64 KB; `codec` is Kafka's number of it.

    Raises:
        CorruptRecordException: it is not what its codec says.
    """
    try:
        yield from _CODECS[codec](packed)
    except (zlib.error, zstandard.ZstdError, RuntimeError, cramjam.DecompressionError, EOFError) as error:
        raise CorruptRecordException(f"cannot be unpacked: {type(error).__name__}") from error


def _gzip(packed: bytes) -> Iterator[bytes]:
    while packed:
        member = zlib.decompressobj(wbits=31)
        rest = packed
        while not member.eof:
            piece = member.decompress(rest, _PIECE)
            rest = member.unconsumed_tail
            if not piece and not rest and not member.eof:
                raise EOFError
            yield piece
        packed = member.unused_data


def _snappy(packed: bytes) -> Iterator[bytes]:
    if not packed.startswith(_XERIAL):
        yield from _snappy_block(packed)
        return
    at = _XERIAL_HEADER
    while at < len(packed):
        (length,) = struct.unpack_from(">I", packed, at)
        at += 4
        yield from _snappy_block(packed[at : at + length])
        at += length


def _snappy_block(block: bytes) -> Iterator[bytes]:
    if cramjam.snappy.decompress_raw_len(block) > _SNAPPY_AT_MOST * len(block):
        raise EOFError
    whole = memoryview(bytes(cramjam.snappy.decompress_raw(block)))
    for at in range(0, len(whole), _PIECE):
        yield bytes(whole[at : at + _PIECE])


def _lz4(packed: bytes) -> Iterator[bytes]:
    frame = lz4.frame.LZ4FrameDecompressor()
    piece = frame.decompress(packed, max_length=_PIECE)
    while piece or not frame.eof:
        if not piece and frame.needs_input:
            raise EOFError
        yield piece
        if frame.eof:
            return
        piece = frame.decompress(b"", max_length=_PIECE)


def _zstd(packed: bytes) -> Iterator[bytes]:
    with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as reader:
        while piece := reader.read(_PIECE):
            yield piece


_CODECS: Final[dict[int, Callable[[bytes], Iterator[bytes]]]] = {1: _gzip, 2: _snappy, 3: _lz4, 4: _zstd}
