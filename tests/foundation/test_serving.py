"""Slow and greedy clients take their own time and nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from foundation.http_limits import Limits
from foundation.serving import serving

SOON = timedelta(milliseconds=200)
Opens = Callable[[], object]


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@asynccontextmanager
async def listening(**limits: object) -> AsyncIterator[int]:
    application = Starlette(routes=[Route("/", echo, methods=["POST"])])
    async with serving(application, host="127.0.0.1", port=0, limits=Limits(**limits)) as port:  # type: ignore[arg-type]
        yield port


async def says(port: int, *parts: bytes, local: str = "127.0.0.1") -> bytes:
    """Send these, from this address, and return all that is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(local, 0))
    for part in parts:
        writer.write(part)
        await writer.drain()
    try:
        async with asyncio.timeout(60):
            answer = await reader.read()
    finally:
        writer.close()
    return answer


def post(*headers: str, body: bytes = b"") -> bytes:
    lines = ["POST / HTTP/1.1", "Host: here", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def test_a_body_that_never_ends_is_answered_in_time_and_the_connection_closed() -> None:
    async with listening(body_within=SOON) as port:
        answer = await says(port, post("Content-Length: 10", body=b"12"))

    assert answer.startswith(b"HTTP/1.1 408")


async def test_headers_that_never_end_close_the_connection() -> None:
    async with listening(headers_within=SOON) as port:
        assert await says(port) == b""
        assert await says(port, b"POST / HTTP/1.1\r\nHost: h") == b""


async def test_a_connection_that_is_used_again_has_its_headers_in_time_too() -> None:
    async with listening(headers_within=SOON) as port:
        answer = await says(port, post("Content-Length: 2", body=b"12"), b"POST / HT")

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post("Content-Length: 5000"), b"413"),
        (post("Transfer-Encoding: chunked", body=b"1000\r\n" + b"x" * 0x1000 + b"\r\n0\r\n\r\n"), b"413"),
        (post("Content-Length: 2", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), b"400"),
    ],
    ids=["said to be large", "large without saying so", "two words about its end"],
)
async def test_what_is_too_large_or_could_be_read_in_two_ways_is_refused(
    request_: bytes, status: bytes
) -> None:
    async with listening(largest_body=1000) as port:
        assert (await says(port, request_)).startswith(b"HTTP/1.1 " + status)


async def test_all_bodies_together_hold_no_more_than_they_may() -> None:
    async with listening(all_bodies=1500, body_within=timedelta(seconds=2)) as port:
        slow = asyncio.create_task(says(port, post("Content-Length: 1200", body=b"x" * 1000)))
        await asyncio.sleep(0)
        refused = b""
        while not refused.startswith(b"HTTP/1.1 503"):
            refused = await says(port, post("Content-Length: 900", "Connection: close", body=b"x" * 900))
        assert (await slow).startswith(b"HTTP/1.1 408")

        answer = await says(port, post("Content-Length: 900", "Connection: close", body=b"x" * 900))
        assert answer.startswith(b"HTTP/1.1 200")


async def test_three_hundred_idle_connections_change_nothing_for_others() -> None:
    async with listening() as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]

        answer = await says(port, post("Content-Length: 2", "Connection: close", body=b"12"))

        for _, writer in idle:
            writer.close()
    assert answer.startswith(b"HTTP/1.1 200")


async def client_of(request: Request) -> Response:
    return PlainTextResponse(request.client.host if request.client else "")


async def test_only_a_proxy_that_is_known_says_who_calls_and_what_a_client_adds_is_not_believed() -> None:
    application = Starlette(routes=[Route("/", client_of, methods=["POST"])])
    request = post("Content-Length: 0", "Connection: close", "X-Forwarded-For: 198.51.100.7, 203.0.113.9")
    async with serving(application, host="127.0.0.1", port=0) as port:
        through_our_proxy = await says(port, request)
        through_another = await says(port, request, local="127.0.0.2")

    # What stands before it, the client wrote itself.
    assert through_our_proxy.endswith(b"203.0.113.9")
    assert through_another.endswith(b"127.0.0.2")


async def test_an_unfinished_request_does_not_keep_the_server_from_stopping() -> None:
    async with asyncio.timeout(60):
        async with listening(body_within=timedelta(hours=1)) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(post("Content-Length: 10", body=b"12"))
            await writer.drain()
        writer.close()


async def test_what_is_read_as_it_comes_may_be_larger_where_it_is_said_to_be() -> None:
    async def count(request: Request) -> Response:
        return PlainTextResponse(str(sum([len(chunk) async for chunk in request.stream()])))

    application = Starlette(
        routes=[Route("/", echo, methods=["POST"]), Route("/mail", count, methods=["POST"])]
    )
    usual, streamed = Limits(largest_body=1000, all_bodies=1500), Limits(largest_body=5000, is_kept=False)
    large = post("Content-Length: 4000", "Connection: close", body=b"x" * 4000)
    async with serving(application, host="127.0.0.1", port=0, limits=usual, at={"/mail": streamed}) as port:
        taken = await says(port, large.replace(b"POST /", b"POST /mail", 1))
        refused = await says(port, large)

    assert taken.endswith(b"4000")
    assert refused.startswith(b"HTTP/1.1 413")


async def test_whatever_is_answered_is_not_taken_for_something_else() -> None:
    async with listening(largest_body=1) as port:
        answers = [
            await says(port, post("Content-Length: 1", "Connection: close", body=b"1")),
            await says(port, post("Content-Length: 2", body=b"12")),
            await says(port, b"GET /nothing HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"),
        ]

    assert [answer.split()[1] for answer in answers] == [b"200", b"413", b"404"]
    assert [answer.lower().count(b"x-content-type-options: nosniff") for answer in answers] == [1, 1, 1]
