"""A stub of both vendors for benches: it says yes as fast as Python can, and counts.

It checks nothing and reports nothing. `GET /received` answers `{"count": n}`.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD_ENDS = b"\r\n\r\n"


@dataclass(slots=True)
class Tally:
    """How many messages were taken, and how long each is made to wait."""

    latency: float = 0
    count: int = 0


class _Connection(asyncio.Protocol):
    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are writable without being of asyncio's class.
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._buffer += data
        while (head_ends := self._buffer.find(_HEAD_ENDS)) >= 0:
            head = self._buffer[:head_ends]
            length = _LENGTH.search(head)
            whole = head_ends + len(_HEAD_ENDS) + (int(length.group(1)) if length else 0)
            if len(self._buffer) < whole:
                return
            self._buffer = self._buffer[whole:]
            answer = self._answer(head)
            if self._tally.latency:
                asyncio.get_running_loop().call_later(self._tally.latency, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"POST /2010-04-01/"):
            self._tally.count += 1
            body = b'{"sid":"SM%032x","status":"accepted","error_code":null}' % self._tally.count
            return _response(b"201 Created", body)
        if head.startswith(b"POST /v3/mail/send"):
            self._tally.count += 1
            return _response(b"202 Accepted", b"", b"X-Message-Id: quiet-%d\r\n" % self._tally.count)
        if head.startswith(b"GET /received"):
            return _response(b"200 OK", b'{"count":%d}' % self._tally.count)
        return _response(b"200 OK", b'{"status":"ok"}')


def _response(status: bytes, body: bytes, more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n"
    return head % (status, more, len(body)) + body


async def serve_quietly(*, host: str, port: int, latency: float = 0) -> asyncio.Server:
    """Start the stub and return its server; port 0 takes a free one."""
    tally = Tally(latency=latency)
    return await asyncio.get_running_loop().create_server(lambda: _Connection(tally), host, port)
