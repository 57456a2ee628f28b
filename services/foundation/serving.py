"""An HTTP server that leaves signals to its service, and that slow and greedy clients do not fill."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from foundation.http_limits import Limits, limited

#: Files that a process needs besides connections: the database, Kafka, vendors, logs.
_OTHER_FILES: Final = 256
#: Whatever is answered, by whichever service, is read as what it says that it is.
_HEADERS: Final = [("X-Content-Type-Options", "nosniff")]
#: What is under way at a stop has so long to end; whoever is slower is cut off.
_ENDS_WITHIN: Final = 5


class NotServing(Exception):
    """The address is taken, or may not be used. `setting` is the one that names it, without the prefix."""

    def __init__(self, problem: str, *, setting: str) -> None:
        super().__init__(problem)
        self.setting = setting


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Protocol(H11Protocol):
    """Closes a connection whose request is not there, to the end of its headers, in time.

    uvicorn waits for ever for the first request, and for the rest of one that began. Connections
    beyond what the process may have open are closed at once, the others notice nothing.
    """

    headers_within: timedelta
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > _most_connections():
            transport.close()
            return
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for_headers()
        else:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_headers(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.headers_within.total_seconds(), self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


@contextlib.asynccontextmanager
async def serving(
    application: ASGIApp,
    *,
    host: str,
    port: int,
    setting: str = "HTTP__PORT",
    limits: Limits | None = None,
    at: Mapping[str, Limits] | None = None,
) -> AsyncIterator[int]:
    """Serve while the block lasts; give the port, which matters where any free one was asked for.

    `setting` is what an error names. Without `limits` the usual ones hold, and at some paths those of `at`.

    Raises:
        NotServing: nothing can listen there.
    """
    limits = limits or Limits()
    protocol = type("Protocol", (_Protocol,), {"headers_within": limits.headers_within})
    server = _Server(
        uvicorn.Config(
            limited(application, limits, at=at or {}),
            host=host,
            port=port,
            http=protocol,
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            headers=_HEADERS,
            timeout_graceful_shutdown=_ENDS_WITHIN,
        )
    )
    task = asyncio.create_task(_serve(server), name="http")
    try:
        while not server.started:
            if task.done():
                raise NotServing(f"cannot listen on {host}:{port}", setting=setting)
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def _serve(server: uvicorn.Server) -> None:
    # uvicorn says that it cannot listen by leaving the whole process.
    with contextlib.suppress(SystemExit):
        await server.serve()


def _most_connections() -> int:
    """Return how many connections may be open; the rest of the process needs files too."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed != most:
        # Many systems allow 1,024 until asked, and thousands of idle connections cost next to nothing.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            allowed = most
    if allowed == resource.RLIM_INFINITY:
        return 1 << 16
    return max(allowed - _OTHER_FILES, 64)
