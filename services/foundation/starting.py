"""Before a process starts: a database that answers, and takes no writes yet, is waited for."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

import asyncpg
import structlog
from starlette.applications import Starlette

from foundation.database import Database, DatabaseUnavailable
from foundation.health import Health, database_answers
from foundation.metrics import Metrics
from foundation.serving import serving
from foundation.settings import InternalConfig
from foundation.watching import watching_routes

_LOOKS_EVERY: Final = timedelta(seconds=1)

log = structlog.get_logger(__name__)


async def comes_to_take_writes(
    url: str,
    *,
    name: str,
    stop: asyncio.Event,
    internal: InternalConfig,
    metrics: Metrics,
    every: timedelta = _LOOKS_EVERY,
) -> bool:
    """Return once the database takes writes; False if the process is told to stop before.

    It may be a standby that becomes the primary in a moment, or a server that is just starting. Whoever ended
    instead would be started again later and later. Meanwhile the process is alive and not ready, and says in
    one line of the log what it waits for.

    Raises:
        DatabaseUnavailable: it cannot be reached for another reason, such as a wrong address or password.
        NotServing: nothing can listen where the process says that it is not ready.
    """
    reason = await _why_no_writes(url, name=name)
    if reason is None:
        return True
    log.warning("waiting for the database to take writes", why=reason)
    health = Health()
    health.add("database", partial(_why_not_yet, url, name=name))
    application = Starlette(routes=watching_routes(health=health, metrics=metrics))
    async with serving(application, host=internal.host, port=internal.port, setting="INTERNAL__PORT"):
        while reason is not None and not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every.total_seconds())
            reason = await _why_not_yet(url, name=name)
    if reason is None:
        log.info("the database takes writes")
    return reason is None


async def _why_not_yet(url: str, *, name: str) -> str | None:
    """Ask again; once it has answered, its being out of reach is part of the same outage."""
    try:
        return await _why_no_writes(url, name=name)
    except DatabaseUnavailable:
        return "out of reach"


async def _why_no_writes(url: str, *, name: str) -> str | None:
    """Ask on a connection made anew, for the address may lead to another server by now."""
    try:
        async with Database.open(url, size=1, name=name) as database:
            return await database_answers(database)()
    except DatabaseUnavailable as error:
        if isinstance(error.__cause__, asyncpg.CannotConnectNowError):
            return "starting or shutting down"
        raise
