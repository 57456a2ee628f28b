"""Publishes a record whose header name is no text, as other clients can; run with address and topic.

It runs as a process of its own because only aiokafka's pure Python half, chosen when it is first imported,
can be talked into it.
"""

import asyncio
import os
import sys

os.environ["AIOKAFKA_NO_EXTENSIONS"] = "1"

from aiokafka import AIOKafkaProducer


class NoText(str):
    __slots__ = ()

    def encode(self, *_: str) -> bytes:
        return b"\xff\xfe"


async def publish(address: str, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, compression_type="gzip", linger_ms=100)
    await producer.start()
    sent = [await producer.send(topic, value, headers=headers) for value, headers in RECORDS]
    await asyncio.gather(*sent)
    await producer.stop()


RECORDS: list[tuple[bytes, list[tuple[str, bytes]]]] = [
    (b"before", []),
    (b"odd", [(NoText("x"), b"1"), ("é", b"2")]),
    (b"after", []),
]

if __name__ == "__main__":
    asyncio.run(publish(*sys.argv[1:3]))
