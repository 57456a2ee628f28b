"""Before a process starts: a database that is away, or takes no writes yet, is waited for."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg
import structlog
from starlette.applications import Starlette

from foundation.database import Database, DatabaseUnavailable
from foundation.failures import leaves
from foundation.health import Health, database_answers
from foundation.metrics import Metrics
from foundation.serving import serving
from foundation.settings import InternalConfig
from foundation.watching import watching_routes

_LOOKS_EVERY: Final = timedelta(seconds=1)

#: What a server answers that is starting, ending, full or failing over; and none that is there.
_PASSES: Final = (
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # of several servers none is the primary yet
    asyncpg.InterfaceError,  # a connection that was cut
    OSError,
    TimeoutError,
)
#: What is among those, and no waiting mends.
_STAYS: Final = (
    asyncpg.ProtocolViolationError,
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.ClientConfigurationError,
    ssl.SSLError,
    PermissionError,
)

log = structlog.get_logger(__name__)


class Start:
    """A process that begins its work once the database takes writes, and again where an outage ended that."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        stop: asyncio.Event,
        internal: InternalConfig,
        metrics: Metrics,
        every: timedelta = _LOOKS_EVERY,
    ) -> None:
        """Look `every` so often; say on the port of `internal` that the process is alive and not ready."""
        self._url, self._name, self._stop = url, name, stop
        self._internal, self._metrics, self._every = internal, metrics, every
        self._said: str | None = None

    async def run(self, begin: Callable[[], Awaitable[None]]) -> None:
        """Begin, and return when that does; wait out a database that is away, before it and while it starts.

        Raises:
            DatabaseUnavailable: no waiting mends why it cannot be used, such as a wrong password.
            NotServing: nothing can listen where the process says that it is not ready.
            BaseException: as `begin` does.
        """
        reason = None
        while await self.comes_to_take_writes(after=reason):
            try:
                await begin()
            except* DatabaseUnavailable as outage:
                errors = [error for error in leaves(outage) if isinstance(error, DatabaseUnavailable)]
                if self._stop.is_set() or not all(passes(error, self._url) for error in errors):
                    raise
                reason = str(errors[0])
            else:
                return

    async def comes_to_take_writes(self, *, after: str | None = None) -> bool:
        """Return once the database takes writes; False if the process is told to stop before.

        It may be away, full, a standby that becomes the primary in a moment, or a server that just starts.
        Whoever ended instead would be started again later and later. Meanwhile the process is alive and not
        ready, and says in one line of the log what it waits for. `after` what ended a start it waits at least
        once.

        Raises:
            DatabaseUnavailable: it cannot be used for a reason that no waiting mends.
            NotServing: nothing can listen where the process says that it is not ready.
        """
        reason = after or await why_no_writes(self._url, name=self._name)
        if reason is None:
            return True
        if reason != self._said:
            self._said = reason
            log.warning("waiting for the database to take writes", why=reason)
        health = Health()
        health.add("database", partial(why_no_writes, self._url, name=self._name))
        application = Starlette(routes=watching_routes(health=health, metrics=self._metrics))
        host, port = self._internal.host, self._internal.port
        async with serving(application, host=host, port=port, setting="INTERNAL__PORT"):
            while reason is not None and not self._stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), self._every.total_seconds())
                reason = await why_no_writes(self._url, name=self._name)
        if reason is None:
            log.info("the database takes writes")
        return reason is None and not self._stop.is_set()


async def why_no_writes(url: str, *, name: str) -> str | None:
    """Say why a database takes no writes now, or None.

    It is asked on a connection made anew, for the address may lead to another server by now.

    Raises:
        DatabaseUnavailable: it cannot be used for a reason that no waiting mends.
    """
    try:
        async with Database.open(url, size=1, name=name) as database:
            return await database_answers(database)()
    except DatabaseUnavailable as error:
        if not passes(error, url):
            raise
        is_busy = isinstance(error.__cause__, asyncpg.CannotConnectNowError)
        return "starting or shutting down" if is_busy else str(error)


def passes(error: DatabaseUnavailable, url: str) -> bool:
    """Say whether waiting may help: not where the password, the name, the rights or TLS are wrong."""
    cause = error.__cause__
    match cause:
        case FileNotFoundError():
            # The socket of a server that is not up; otherwise a certificate that the URL names.
            return unquote(urlsplit(url).hostname or "/").startswith("/")
        case socket.gaierror():
            return cause.errno == socket.EAI_AGAIN
        case _ if type(cause) is ConnectionError:  # the driver's word for a server without TLS
            return False
        case _:
            return isinstance(cause, _PASSES) and not isinstance(cause, _STAYS)
