"""What one client may take of an HTTP server: time, memory, and no ambiguity about where a request ends."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TRY_AGAIN: Final = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long headers and bodies may take, and how large bodies may be, in bytes, one and all together.

    Headers have their time from the connection, or the answer before, to their end. `is_kept`: a body is
    in memory until it is answered, and counts in `all_bodies`; who reads one as it comes keeps little of it.
    """

    headers_within: timedelta = timedelta(seconds=10)
    body_within: timedelta = timedelta(seconds=10)
    largest_body: int = 4 * 1024 * 1024
    all_bodies: int = 64 * 1024 * 1024
    is_kept: bool = True


@dataclass(slots=True)
class _Held:
    """How many bytes of bodies are held by all requests that are under way."""

    bytes: int = 0


@dataclass(slots=True)
class _Refusal(Exception):
    status: int
    why: str


@dataclass(slots=True)
class _Body:
    """The receiving side of one request: counts what comes and knows when it must be there."""

    receive: Receive
    limits: Limits
    held: _Held
    deadline: float
    size: int = 0
    is_whole: bool = False
    refusal: _Refusal | None = field(default=None)

    async def next(self) -> Message:
        """Return the next message, or raise why the rest is not waited for."""
        if self.is_whole:
            return await self.receive()
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.receive()
        except TimeoutError:
            raise self._refuse(408, "the body took too long") from None
        if message["type"] == "http.request":
            self._take(len(message.get("body", b"")))
            self.is_whole = not message.get("more_body", False)
        return message

    def _take(self, size: int) -> None:
        self.size += size
        if self.limits.is_kept:
            self.held.bytes += size
        if self.size > self.limits.largest_body:
            raise self._refuse(413, "the body is too large")
        if self.held.bytes > self.limits.all_bodies:
            raise self._refuse(_TRY_AGAIN, "too much at once; try again")

    def _refuse(self, status: int, why: str) -> _Refusal:
        self.refusal = _Refusal(status, why)
        return self.refusal


def limited(application: ASGIApp, limits: Limits, *, at: Mapping[str, Limits]) -> ASGIApp:
    """Return the application behind these limits; those of `at` hold at their paths instead.

    A request that breaks one is answered at once and its connection closed.
    """
    held = _Held()

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        headers, here = Headers(scope=scope), at.get(scope["path"], limits)
        if refusal := _ambiguous_or_large(headers, here):
            await _answer(refusal, scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + here.body_within.total_seconds()
        body = _Body(receive=receive, limits=here, held=held, deadline=deadline)
        has_begun = False

        async def note(message: Message) -> None:
            nonlocal has_begun
            if body.refusal is not None:
                # What a framework makes of the refusal, an error of its own, is not what is answered.
                return
            has_begun = True
            await send(message)

        try:
            await application(scope, body.next, note)
        except Exception:
            if body.refusal is None or has_begun:
                raise
        finally:
            held.bytes -= body.size if here.is_kept else 0
        if body.refusal is not None and not has_begun:
            await _answer(body.refusal, scope, receive, send)

    return guarded


def _ambiguous_or_large(headers: Headers, limits: Limits) -> _Refusal | None:
    if "transfer-encoding" in headers and "content-length" in headers:
        # Two words about where the body ends: a proxy before us may believe the other.
        return _Refusal(400, "give Content-Length or Transfer-Encoding, not both")
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdecimal() and int(length) > limits.largest_body:
        return _Refusal(413, "the body is too large")
    return None


async def _answer(refusal: _Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Connection": "close"} | ({"Retry-After": "5"} if refusal.status == _TRY_AGAIN else {})
    await PlainTextResponse(refusal.why, status_code=refusal.status, headers=headers)(scope, receive, send)
