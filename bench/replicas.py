"""One, two and three dispatch processes against a vendor that takes 50 to 200 ms, and their memory."""

import asyncio
import contextlib
import time
from pathlib import Path

from bench import servers
from bench.dispatch import prepare, published
from bench.figures import Figure
from bench.servers import Postgres
from foundation.database import Database

LATENCY = (50.0, 200.0)
WORKERS = 20


async def measure(server: Postgres, kafka: str, *, people: int, most: int = 3) -> list[Figure]:
    """Send the same messages with more and more processes."""
    await prepare(server, "replicas", people)
    rates, memories = {}, {}
    for processes in range(1, most + 1):
        rates[processes], memories[processes] = await _rate(server, kafka, processes)
    ceiling = WORKERS / (sum(LATENCY) / 2 / 1000)
    figures = [
        Figure(
            name=f"dispatch, {processes} process{'es' if processes > 1 else ''}, vendor answers in 50–200 ms",
            value=rate,
            unit="messages/s",
            floor=ceiling * processes,
            floor_name=f"({WORKERS} calls at a time each can do no more)",
            ratio=rate / (ceiling * processes),
            details={"speed_up": rate / rates[1]},
        )
        for processes, rate in rates.items()
    ]
    figures.append(
        Figure(
            name="memory of a dispatch process while it sends",
            value=max(memories[1]),
            unit="MB",
            goal="< 300 MB",
            met=max(memories[1]) < 300,
            rounds=memories[1],
        )
    )
    return figures


async def _rate(server: Postgres, kafka: str, processes: int) -> tuple[float, list[float]]:
    url, memory = await server.copy("replicas"), []
    with contextlib.ExitStack() as stack:
        vendor = stack.enter_context(servers.stub(LATENCY))
        relay = stack.enter_context(servers.child("bench.relaying", url, kafka))
        children = [
            stack.enter_context(servers.child("bench.dispatching", url, vendor, str(WORKERS)))
            for _ in range(processes)
        ]
        for child in (relay, *children):
            await asyncio.to_thread(child.stdout.readline)  # type: ignore[union-attr]
        async with Database.open(url, size=2, name="bench") as database:
            began = time.perf_counter()
            for child in children:
                assert child.stdin is not None
                child.stdin.write("go\n")
                child.stdin.flush()
            done = asyncio.create_task(published(database))
            while not done.done():
                memory.append(megabytes(children[0].pid))
                await asyncio.wait([done], timeout=1)
            await done
            took = time.perf_counter() - began
        counted = await servers.ask(vendor, "/count")
    await server.drop(url)
    return counted["sends"] / took, memory  # type: ignore[index]


def megabytes(pid: int) -> float:
    """Return a process's resident memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
