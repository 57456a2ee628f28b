"""Strangers who hold connections open: some do nothing at all, some send a body byte by byte."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def crowd(port: int, *, path: str, idle: int, slow: int) -> AsyncIterator[None]:
    """Have so many strangers do nothing, and so many send a body byte by byte, while the block lasts."""
    counted: asyncio.Queue[None] = asyncio.Queue()
    strangers = [asyncio.create_task(_come_again(port, counted)) for _ in range(idle)]
    head = (
        f"POST {path} HTTP/1.1\r\nHost: here\r\nX-Twilio-Signature: {'0' * 28}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4096\r\n\r\n"
    )
    strangers += [asyncio.create_task(_come_again(port, counted, head.encode())) for _ in range(slow)]
    try:
        for _ in strangers:
            await counted.get()
        yield
    finally:
        for stranger in strangers:
            stranger.cancel()
        await asyncio.gather(*strangers, return_exceptions=True)


async def _come_again(port: int, counted: asyncio.Queue[None], head: bytes = b"") -> None:
    """Connect, dawdle until the server has had enough, and begin anew; count the first time."""
    is_first = True
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        if is_first:
            counted.put_nowait(None)
            is_first = False
        try:
            writer.write(head)
            await _dawdle(reader, writer, drips=bool(head))
        except OSError:
            pass  # cut off, as it should be
        finally:
            writer.close()


async def _dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, drips: bool) -> None:
    while True:
        try:
            async with asyncio.timeout(1 if drips else None):
                await reader.read()
            return
        except TimeoutError:
            writer.write(b"x")
