"""One HTTP connection pool for all vendors, and what its failures mean for a message."""

import re
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import msgspec
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from outreach.model.outcome import NotSent, Unknown

#: Failures that end before a byte of the request could leave: nobody can have received it.
BEFORE_THE_REQUEST: tuple[type[Exception], ...] = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorDNSError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.client_exceptions.UnixClientConnectorError,
    aiohttp.ClientSSLError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.InvalidUrlClientError,
    aiohttp.NonHttpUrlClientError,
)

#: Failures after which the request may have arrived: somebody may have been contacted.
MAYBE_AFTER_THE_REQUEST: tuple[type[Exception], ...] = (
    aiohttp.ClientError,
    aiohttp.ClientResponseError,
    aiohttp.ContentTypeError,
    aiohttp.WSServerHandshakeError,
    aiohttp.ClientHttpProxyError,
    aiohttp.TooManyRedirects,
    aiohttp.ClientConnectionError,
    aiohttp.ClientConnectionResetError,
    aiohttp.ClientOSError,
    aiohttp.ServerConnectionError,
    aiohttp.ServerDisconnectedError,
    aiohttp.ServerTimeoutError,
    aiohttp.SocketTimeoutError,
    aiohttp.ClientPayloadError,
    aiohttp.client_exceptions.UploadAbortedError,
    aiohttp.RedirectClientError,
    aiohttp.InvalidUrlRedirectClientError,
    aiohttp.NonHttpUrlRedirectClientError,
    TimeoutError,
)

#: What a vendor's call may raise; anything else is our own fault and is not caught.
FAILURES: tuple[type[Exception], ...] = (aiohttp.ClientError, TimeoutError)

_LARGEST_ANSWER = 64 * 1024
_LONGEST_WAIT = timedelta(hours=1)
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_SUCCESS = range(200, 300)
_CLIENT_ERROR = range(400, 500)


class UnreadableAnswer(aiohttp.ClientPayloadError):
    """The vendor answered, but not in its own language; the message may have gone out."""


def open_session(*, connections: int = 100) -> ClientSession:
    """Open the session that all providers share; call it inside the event loop, close it at the end.

    No cookies, no environment proxies and no netrc: a vendor call depends on config alone.
    """
    return ClientSession(
        connector=TCPConnector(limit=connections, ttl_dns_cache=60),
        cookie_jar=DummyCookieJar(),
        trust_env=False,
    )


def call_timeout(total: timedelta) -> ClientTimeout:
    """Return a timeout that bounds the whole call.

    Waiting for a connection has half of it, so that a vendor nobody can reach shows as
    "never left" and not as "may have gone out".
    """
    seconds = total.total_seconds()
    return ClientTimeout(total=seconds, connect=seconds / 2)


def outcome_of_failure(failure: Exception) -> NotSent | Unknown:
    """Say what may be done after a call that brought no answer."""
    name = type(failure).__name__
    if isinstance(failure, aiohttp.RedirectClientError):
        return Unknown(name)  # it is an InvalidURL too, but of a second request
    if isinstance(failure, BEFORE_THE_REQUEST):
        return NotSent(name)
    return Unknown(name)


def says_yes(status: int) -> bool:
    """Return whether an HTTP status takes the message over."""
    return status in _SUCCESS


def says_no(status: int) -> bool:
    """Return whether an HTTP status certainly means that nothing was or will be sent.

    A request that timed out on the vendor's side, a redirect and a broken vendor leave it open.
    """
    return status in _CLIENT_ERROR and status != HTTPStatus.REQUEST_TIMEOUT


async def read_answer(response: ClientResponse) -> bytes:
    """Read the whole body.

    Raises:
        UnreadableAnswer: it is larger than any real answer.
    """
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > _LARGEST_ANSWER:
            raise UnreadableAnswer("too_large")
        parts.append(part)
    return b"".join(parts)


def read_object(body: bytes) -> dict[str, object]:
    """Read a JSON object; anything else is read as an empty one."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def wait_asked_for(seconds: str | None) -> timedelta | None:
    """Read a `Retry-After` of whole seconds, no more than an hour; None when it says nothing usable."""
    if seconds is None or not _SECONDS.fullmatch(seconds):
        return None
    return min(timedelta(seconds=int(seconds)), _LONGEST_WAIT)
