"""What one would pick instead: APScheduler and procrastinate, one stored job per message.

On the same PostgreSQL and vendor. Neither decides, gates, keeps a ledger or publishes anything: each only remembers the message and sends it.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import procrastinate
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from procrastinate import PsycopgConnector
from sqlalchemy import create_engine

from bench import dispatch, rig, servers
from bench.figures import Figure
from bench.servers import Postgres
from foundation.clock import SystemClock


async def measure(server: Postgres, *, messages: int) -> list[Figure]:
    """Store the messages as jobs, then send them all, due at once."""
    figures = []
    with servers.stub() as vendor:
        for name, rival in (("APScheduler", apscheduler), ("procrastinate", with_procrastinate)):
            url = await server.copy("template1")
            stored, sent = await rival(url, vendor, messages)
            figures.append(
                Figure(
                    name=f"{name}, one stored job per message: due → sent ({messages:,} texts)",
                    value=sent,
                    unit="messages/s",
                    floor_name=f"{stored:,.0f} stored/s",
                    details={"stored_per_second": stored},
                )
            )
            await server.drop(url)
    return figures


_twilio: Any = None
_left = 0
_done: asyncio.Event


async def send_one(number: int) -> None:  # noqa: ARG001 (the message's own id, as a real job would have)
    """Send a message that is the same for everybody; a stored job can only name a module's function."""
    global _left  # noqa: PLW0603 (APScheduler pickles a reference, so what it calls is global)
    await _twilio.send(dispatch.TEXT)
    _left -= 1
    if _left == 0:
        _done.set()


def _begin(twilio: Any, messages: int) -> asyncio.Event:
    global _twilio, _left, _done
    _twilio, _left, _done = twilio, messages, asyncio.Event()
    return _done


async def apscheduler(url: str, vendor: str, messages: int) -> tuple[float, float]:
    """Return jobs stored per second and messages sent per second."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    scheduler = AsyncIOScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)},
        executors={"default": AsyncIOExecutor()},
        job_defaults={"misfire_grace_time": None},
        timezone="UTC",
    )
    async with rig.vendors(vendor) as called:
        done = _begin(called.twilio, messages)
        scheduler.start(paused=True)
        began = time.perf_counter()
        at: datetime = SystemClock().now() - timedelta(seconds=1)
        for number in range(messages):
            scheduler.add_job(send_one, "date", run_date=at.astimezone(UTC), args=[number])
        stored = messages / (time.perf_counter() - began)
        began = time.perf_counter()
        scheduler.resume()
        await asyncio.wait_for(done.wait(), 300)
        sent = messages / (time.perf_counter() - began)
        scheduler.shutdown(wait=False)
    engine.dispose()
    return stored, sent


async def with_procrastinate(url: str, vendor: str, messages: int) -> tuple[float, float]:
    """Return jobs stored per second, in batches, and messages sent per second by one worker."""
    app = procrastinate.App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=8))
    async with app.open_async(), rig.vendors(vendor) as called:
        await app.schema_manager.apply_schema_async()
        done = _begin(called.twilio, messages)
        task = app.task(name="send_one")(send_one)
        began = time.perf_counter()
        jobs: list[Any] = [{"number": number} for number in range(messages)]
        await task.batch_defer_async(*jobs)
        stored = messages / (time.perf_counter() - began)
        began = time.perf_counter()
        worker = asyncio.create_task(
            app.run_worker_async(concurrency=rig.WORKERS, wait=True, install_signal_handlers=False)
        )
        await asyncio.wait_for(done.wait(), 300)
        sent = messages / (time.perf_counter() - began)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    return stored, sent
