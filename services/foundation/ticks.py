"""The few things a service does again and again. The database is the schedule; this only ticks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from foundation.metrics import Metrics

Tick = Callable[[], Awaitable[object]]

log = structlog.get_logger(__name__)


class Ticks:
    """Named ticks, each at most once at a time; a late one runs late, several missed ones run once.

    A tick that raises is logged and counted, and runs again at its next time.
    """

    def __init__(self, *, metrics: Metrics) -> None:
        self._metrics = metrics
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )

    def add(self, name: str, tick: Tick, *, every: timedelta, jitter: timedelta = timedelta(0)) -> None:
        """Run `tick` once per interval; `jitter` keeps replicas from ticking in step."""
        trigger = IntervalTrigger(
            seconds=every.total_seconds(), jitter=jitter.total_seconds() or None, timezone="UTC"
        )
        self._scheduler.add_job(self._run, trigger, args=[name, tick], id=name, name=name)

    def start(self) -> None:
        """Begin to tick; needs a running event loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Begin no more runs and wait for those under way."""
        self._stopping = True
        # Shutting the scheduler down cancels what runs, so that comes last.
        self._scheduler.pause()
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)

    async def _run(self, name: str, tick: Tick) -> None:
        if self._stopping:
            return
        task = asyncio.create_task(self._guarded(name, tick), name=name)
        self._running.add(task)
        try:
            await task
        finally:
            self._running.discard(task)

    async def _guarded(self, name: str, tick: Tick) -> None:
        began = time.monotonic()
        try:
            await tick()
        except Exception:  # the outermost edge of a tick
            self._metrics.count("tick_failures_total", tick=name)
            log.exception("tick failed", tick=name)
        finally:
            self._metrics.observe("tick_seconds", time.monotonic() - began, tick=name)
