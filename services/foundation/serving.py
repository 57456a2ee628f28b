"""An HTTP server that leaves signals to the service it is part of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp


class NotServing(Exception):
    """The address is taken, or may not be used."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(application: ASGIApp, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the block lasts; give the port, which matters where any free one was asked for.

    Raises:
        NotServing: nothing can listen there.
    """
    server = _Server(
        uvicorn.Config(application, host=host, port=port, log_config=None, access_log=False, lifespan="off")
    )
    task = asyncio.create_task(_serve(server), name="http")
    try:
        while not server.started:
            if task.done():
                raise NotServing(f"cannot listen on {host}:{port}")
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def _serve(server: uvicorn.Server) -> None:
    # uvicorn says that it cannot listen by leaving the whole process.
    with contextlib.suppress(SystemExit):
        await server.serve()
