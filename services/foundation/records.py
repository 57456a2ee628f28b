"""What was read from Kafka, before anybody tried to understand it."""

from typing import Final, NamedTuple

#: No event of the contract is larger; what is, is not held.
LARGEST_VALUE: Final = 1_000_000

Headers = tuple[tuple[str, bytes | None], ...]


class Record(NamedTuple):
    """One Kafka record, exactly as stored: nothing decoded, nothing defaulted.

    Kafka allows a null key, a null value and null header values, and bytes that are no UTF-8
    anywhere but in header names; whoever parses a record must expect them.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
