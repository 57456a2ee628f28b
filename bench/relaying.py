"""A relay in a process of its own: `python -m bench.relaying DATABASE_URL KAFKA`, until ended."""

import asyncio
import sys
from functools import partial

import uvloop

from foundation.database import Database
from foundation.garbage import collect_seldom
from foundation.kafka import publishing
from foundation.relay import Relay
from foundation.settings import KafkaSettings


async def relay(url: str, kafka: str) -> None:
    """Publish what comes into the outbox; say so on stdout first."""
    open_producer = partial(publishing, KafkaSettings(bootstrap_servers=kafka), client_id="bench")
    async with Database.open(url, size=2, name="bench") as database:
        print("ready", flush=True)
        await Relay(database=database, producer=open_producer).run(asyncio.Event())


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(relay(*sys.argv[1:]))
