"""A vendor on a real socket that answers, or misbehaves, as it is told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass
class Request:
    """What arrived on the wire."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


@dataclass
class Vendor:
    """Plays one raw answer to every request, after `delay` seconds, and may hang up behind it."""

    answer: bytes | None = None
    delay: float = 0
    reads: bool = True
    hangs_up: bool = False
    base_url: str = ""
    received: list[Request] = field(default_factory=list)

    def answers(self, status: str, body: bytes = b"", **headers: str) -> None:
        named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status}\r\n{named}Content-Length: {len(body)}\r\n\r\n"
        self.answer = head.encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self.reads:
                self.received.append(await _read(reader))
                await asyncio.sleep(self.delay)
                if self.answer is not None:
                    writer.write(self.answer)
                    await writer.drain()
                if self.hangs_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client hung up, as the test wants
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *rest = head.rstrip("\r\n").split("\r\n")
    headers = dict(each.split(": ", 1) for each in rest)
    body = await reader.readexactly(int(headers.get("Content-Length", "0")))
    return Request(line, headers, body)


@asynccontextmanager
async def running_vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    vendor.base_url = f"http://127.0.0.1:{port}"
    try:
        yield vendor
    finally:
        server.close()


async def unused_port() -> int:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
