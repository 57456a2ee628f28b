"""Whatever a publisher compresses is read within bounded memory, and no record of it is lost."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

import cramjam
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from foundation.header_names import _Records, tolerate_any_header_name
from foundation.records import LARGEST_VALUE
from foundation.unpacking import HEAD, Cut, unpack
from schemas.envelope import LARGEST
from tests.foundation.reading import Notes, reading, subscription
from tests.support.broker import Broker
from tests.support.eventually import eventually

CODECS: dict[int, Callable[[bytes], bytes]] = {
    1: gzip_encode,
    2: snappy_encode,
    3: lz4_encode,
    4: zstd_encode,
}
NAMES = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
Written = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]


def batch_of(codec: int, records: list[Written]) -> bytes:
    """Return a batch as a publisher writes it."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=2**31 - 1,
    )
    for offset, (key, value, headers) in enumerate(records):
        assert builder.append(offset, timestamp=1000 + offset, key=key, value=value, headers=headers)
    return bytes(builder.build())


def read(data: bytes, **bounds: int) -> list[tuple[int, bytes | None, bytes | None]]:
    records = _Records(data, **bounds)
    found = []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        found += [(record.offset, record.key, record.value) for record in batch]
    return found


def test_foundation_and_the_contract_agree_on_what_is_too_large() -> None:
    assert LARGEST_VALUE == LARGEST


@pytest.mark.parametrize("codec", CODECS, ids=NAMES.get)
@given(content=st.binary(max_size=5000), times=st.integers(1, 60))
def test_unpacking_by_pieces_gives_what_was_packed(codec: int, content: bytes, times: int) -> None:
    whole = content * times

    pieces = list(unpack(codec, CODECS[codec](whole)))

    assert b"".join(pieces) == whole
    assert all(len(piece) <= 64 * 1024 for piece in pieces)


def test_snappy_without_frames_and_gzip_in_several_members_are_unpacked() -> None:
    assert b"".join(unpack(2, bytes(cramjam.snappy.compress_raw(b"x" * 100_000)))) == b"x" * 100_000
    assert b"".join(unpack(1, gzip.compress(b"one ") + gzip.compress(b"two"))) == b"one two"


@pytest.mark.parametrize("codec", CODECS, ids=NAMES.get)
@given(junk=st.binary(min_size=1, max_size=200))
def test_junk_is_corrupt_or_nothing(codec: int, junk: bytes) -> None:
    try:
        unpacked = b"".join(unpack(codec, junk))
    except CorruptRecordException:
        return
    assert len(unpacked) <= 64 * len(junk) * 1024


@pytest.mark.parametrize("codec", CODECS, ids=NAMES.get)
def test_a_packed_content_that_ends_too_early_is_corrupt(codec: int) -> None:
    packed = CODECS[codec](bytes(range(256)) * 2000)

    try:
        unpacked = b"".join(unpack(codec, packed[: len(packed) // 2]))
    except CorruptRecordException:
        return
    # zstd says nothing of a frame that was cut between two blocks, but it makes nothing up.
    assert codec == 4
    assert (bytes(range(256)) * 2000).startswith(unpacked)


@pytest.mark.parametrize("codec", [0, *CODECS], ids=lambda codec: NAMES.get(codec, "plain"))
def test_ordinary_batches_are_read_as_they_were_written(codec: int) -> None:
    written: list[Written] = [
        (b"ada", b"{}" * 300, [("ce_id", b"1"), ("trace", None)]),
        (None, None, []),
        (b"bob", b"", []),
    ]

    assert read(batch_of(codec, written)) == [
        (offset, key, value) for offset, (key, value, _) in enumerate(written)
    ]


@pytest.mark.parametrize("codec", CODECS, ids=NAMES.get)
def test_of_a_batch_that_unpacks_to_too_much_every_record_is_known_and_the_large_ones_are_cut(
    codec: int,
) -> None:
    large = b"{" + b" " * 3_000_000
    written: list[Written] = [
        (b"ada", b"small", [("x", b"1")]),
        (b"bob", large, []),
        (b"eve", b"a stop", []),
        (b"joe", b"x", [("x", b"y" * 2_000_000)]),
    ]

    (ada, bob, eve, joe) = read(batch_of(codec, written), unpacks_to=1_000_000)

    assert (ada, eve) == ((0, b"ada", b"small"), (2, b"eve", b"a stop"))
    assert bob[:2] == (1, b"bob")
    assert isinstance(bob[2], Cut)
    assert (bytes(bob[2]), bob[2].size, bob[2].digest) == (large[:HEAD], len(large), sha256(large).digest())
    assert joe[1] == b"joe"
    assert isinstance(joe[2], Cut), "a record whose headers are not all known is not read"


def test_what_no_honest_batch_reaches_is_not_read_and_no_offset_is_passed_by() -> None:
    written: list[Written] = [(b"ada", b"x" * 3_000_000, []), (b"bob", b"a stop", []), (b"eve", b"", [])]

    found = read(batch_of(4, written), unpacks_to=1_000_000, streams_to=2_000_000)

    assert [offset for offset, _, _ in found] == [0, 1, 2]
    assert all(isinstance(value, Cut) for _, _, value in found)


@pytest.mark.parametrize("codec", CODECS, ids=NAMES.get)
def test_two_hundred_megabytes_in_a_few_kilobytes_cost_no_such_memory(codec: int, tmp_path: Path) -> None:
    """In a process of its own, whose peak is told by the system."""
    tolerate_any_header_name()
    packed = batch_of(codec, [(b"ada", b"{" + b" " * 200_000_000, []), (b"bob", b"a stop", [])])
    (tmp_path / "batch").write_bytes(packed)
    script = dedent("""
        import pathlib, sys
        from foundation.header_names import _Records
        data = open(sys.argv[1], "rb").read()

        def peak():
            # What `getrusage` tells begins with the peak of whoever started this process.
            status = pathlib.Path("/proc/self/status").read_text()
            return int(status.split("VmHWM:")[1].split()[0]) // 1024

        before = peak()
        records = _Records(data)
        found = [record.key for record in records.next_batch()]
        assert found == [b"ada", b"bob"], found
        print(peak() - before)
    """)

    told = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "batch"], capture_output=True, text=True, check=True
    )

    # Snappy packs no more than 1 to 22, so its few kilobytes are ten megabytes, and come back whole.
    assert int(told.stdout) < (450 if codec == 2 else 120)


async def test_a_record_that_unpacks_to_two_hundred_megabytes_is_cut_on_its_way_from_kafka(
    kafka: Broker,
) -> None:
    topic = await kafka.create_topic(config={"max.message.bytes": "10000000"})
    notes = Notes()
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.address, compression_type="zstd", max_request_size=250_000_000
    )
    await producer.start()
    await producer.send_and_wait(topic, b"{" + b" " * 200_000_000, key=b"ada")
    await producer.send_and_wait(topic, b"{}", key=b"bob")
    await producer.stop()

    async with reading(kafka.address, subscription(topic, notes)):
        await eventually(lambda: len(notes.records) == 2)

    assert [record.key for record in notes.records] == [b"ada", b"bob"]
    assert isinstance(notes.values[0], Cut)
    assert notes.values[0].size == 200_000_001
