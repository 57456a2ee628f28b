"""A dispatch in a process of its own: `python -m bench.dispatching DATABASE_URL VENDOR WORKERS`, until ended.

It prints `ready`, begins when its standard input says so, and stops at SIGTERM.
"""

import asyncio
import logging
import signal
import sys
from datetime import timedelta

import structlog
import uvloop

from bench import rig
from foundation.database import Database
from foundation.garbage import collect_seldom


async def dispatch(url: str, vendor: str, workers: str) -> None:
    """Send whatever is due."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    held = rig.guidance()
    async with Database.open(url, size=8, name="bench") as database, rig.vendors(vendor) as called:
        work = rig.dispatch_of(database, called, held, rig.ShiftedClock(rig.NOON), workers=int(workers))
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await work.run(stop, tick=timedelta(seconds=1))


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    collect_seldom()
    uvloop.run(dispatch(*sys.argv[1:]))
