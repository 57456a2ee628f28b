"""Looks at a listener as the outside sees it: it answers as ours, and shows nothing that is for us alone."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
)

from foundation.doctor.observations import Observation, ok, unknown, wrong

_ANSWERS_WITHIN: Final = ClientTimeout(total=10)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LIVE: Final = (b'{"status":"ok"}', b'{"status":"failing"}')
_LARGEST: Final = 1000
#: Answered by the internal listener alone.
_INTERNAL: Final = ("/metrics", "/health/ready", "/openapi.json")


async def examine_public_url(url: str, *, setting: str, for_trial: bool) -> list[Observation]:
    """Return whether the public address leads to us, and to nothing that is not for the public.

    `for_trial` nobody but this machine has to reach it.
    """
    if urlsplit(url).hostname in _LOOPBACK and not for_trial:
        advice = "name the address that vendors and people call"
        return [wrong(setting, f"{url} is this machine's own", advice)]
    return await examine_listener(url, setting=setting)


async def examine_listener(url: str, *, setting: str) -> list[Observation]:
    """Return whether an address leads to us, and to nothing that is not for the public."""
    async with ClientSession(timeout=_ANSWERS_WITHIN) as session:
        try:
            is_ours = await _is_ours(session, url)
            open_ = [path for path in _INTERNAL if await _status(session, f"{url}{path}") == HTTPStatus.OK]
        except (ClientError, TimeoutError, OSError) as error:
            # From within, an address may lead nowhere that the world reaches well.
            return [_unreached(url, error, setting=setting)]
    return list(_of_answers(url, is_ours=is_ours, open_=open_, setting=setting))


def _of_answers(url: str, *, is_ours: bool, open_: Iterable[str], setting: str) -> Iterator[Observation]:
    if not is_ours:
        yield wrong(setting, f"{url} answers, and not as ours", "have the proxy lead it to HTTP__PORT")
    elif shown := ", ".join(open_):
        yield wrong(
            setting, f"{url} shows {shown} to everybody", "lead the proxy to HTTP__PORT, not INTERNAL__PORT"
        )
    else:
        yield ok(setting, f"{url} answers as ours")


def _unreached(url: str, error: Exception, *, setting: str) -> Observation:
    match error:
        case ClientConnectorCertificateError():
            return wrong(setting, f"{url} shows a certificate that nobody trusts", "renew it")
        case ClientConnectorError():
            return wrong(
                setting, f"{url} cannot be reached from here", "start the role http, and see the proxy"
            )
        case _:
            return unknown(setting, f"{url} does not answer ({type(error).__name__})", "see from outside")


async def _is_ours(session: ClientSession, url: str) -> bool:
    async with session.get(f"{url}/health/live", allow_redirects=False) as answer:
        return (await answer.content.read(_LARGEST)) in _LIVE


async def _status(session: ClientSession, url: str) -> int:
    async with session.get(url, allow_redirects=False) as answer:
        return answer.status
