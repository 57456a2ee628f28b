"""A vendor that takes everything: both vendors' send calls on one port of 127.0.0.1, in a process of its own.

`python -m bench.stub [--latency MIN MAX]` prints its port. It reads a request whole and answers; latency
is in milliseconds, uniform between the two. `GET /count` tells how many sends there were and when the last came
(nanoseconds of the machine's monotonic clock), `GET /arrivals` all instants by the text's last word.
"""

import argparse
import asyncio
import json
import random
import re
import time
from typing import Any

import uvloop

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Vendor:
    """What the stub has taken so far."""

    def __init__(self, latency: tuple[float, float]) -> None:
        self.latency = latency
        self.arrivals: list[int] = []
        self.bodies: list[bytes] = []
        self.keep_bodies = False

    def take(self, head: bytes, body: bytes) -> bytes:
        """Return the answer to a send call."""
        self.arrivals.append(time.monotonic_ns())
        if self.keep_bodies:
            self.bodies.append(body)
        number = len(self.arrivals)
        if b"/v3/mail/send" in head:
            return _answer(202, b"", f"X-Message-Id: stub{number:028}\r\n".encode())
        return _answer(201, b'{"sid": "SM%032d", "status": "accepted"}' % number)

    def tell(self, head: bytes) -> bytes:
        """Return the answer to a question of the bench."""
        if head.startswith(b"GET /forget"):
            self.arrivals.clear()
            self.bodies.clear()
            self.keep_bodies = b"keep" in head.split(b"\r\n")[0]
        if head.startswith(b"GET /arrivals"):
            return _answer(200, json.dumps([self.arrivals, [body.decode() for body in self.bodies]]).encode())
        last = self.arrivals[-1] if self.arrivals else 0
        return _answer(200, b'{"sends": %d, "last": %d}' % (len(self.arrivals), last))


class Connection(asyncio.Protocol):
    """As much HTTP/1.1 as two vendors' clients speak."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._read = bytearray()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._read[:end])
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(self._read) < end + 4 + length:
                return
            body = bytes(self._read[end + 4 : end + 4 + length])
            del self._read[: end + 4 + length]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET"):
            self._write(self._vendor.tell(head))
            return
        answer = self._vendor.take(head, body)
        least, most = self._vendor.latency
        if most:
            delay = random.uniform(least, most) / 1000
            asyncio.get_running_loop().call_later(delay, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


def _answer(status: int, body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status,
        more,
        len(body),
        body,
    )


async def serve(latency: tuple[float, float]) -> None:
    """Serve on a free port, which is printed, until ended."""
    vendor = Vendor(latency)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(vendor), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", nargs=2, type=float, default=(0.0, 0.0))
    arguments = parser.parse_args()
    uvloop.run(serve(tuple(arguments.latency)))


if __name__ == "__main__":
    main()
