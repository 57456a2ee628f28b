"""What anybody may call: the pages of the preference center, within their limits, and nothing else."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.database import DatabaseUnavailable
from foundation.health import Health
from foundation.http_limits import Limits
from foundation.rates import Rates
from foundation.watching import LIVE, live_route
from preferences.http.answers import HEADERS
from preferences.http.center import Center
from preferences.pages.render import PREFIX
from preferences.pages.views import TooManyView, UnavailableView, UnknownLinkView

#: Of forms: what a person may say, each sign written out.
LIMITS: Final = Limits(largest_body=64 * 1024, all_bodies=16 * 1024 * 1024)
_WAIT: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """How many requests in a second one network address, and one link, may make."""

    per_address: float
    per_link: float


def public_application(center: Center, *, limits: RateLimits, health: Health) -> ASGIApp:
    """Return what the outside may call. It tells nobody what else there is."""
    application = Starlette(routes=[*center.routes(), live_route(health)])

    async def unavailable(request: Request, _error: Exception) -> Response:
        return center.answers.note(UnavailableView(language=center.visits.language_of(request)))

    async def refused(request: Request, _error: Exception) -> Response:
        return center.answers.note(UnknownLinkView(language=center.visits.language_of(request)))

    application.add_exception_handler(DatabaseUnavailable, unavailable)
    application.add_exception_handler(HTTPException, refused)
    return _Guarded(application, center, limits)


class _Guarded:
    """Counts requests before anything is done, and says of every answer who may keep or show it."""

    def __init__(self, application: ASGIApp, center: Center, limits: RateLimits) -> None:
        self._application = application
        self._center = center
        self._by_address = Rates(limits.per_address)
        self._by_link = Rates(limits.per_link)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] == "http" and not await self._allows(scope):
            await self._too_many(scope)(scope, receive, guarded)
            return
        await self._application(scope, receive, guarded)

    async def _allows(self, scope: Scope) -> bool:
        if scope["path"] == LIVE:
            # Who asks this takes us out of service by the answer: nobody may bring that about.
            return True
        client = scope.get("client")
        if client is not None and not await self._by_address.allow(client[0]):
            return False
        if not scope["path"].startswith(PREFIX):
            return True
        link = scope["path"].removeprefix(PREFIX).partition("/")[0]
        # The files that pages name bear a dot, links none.
        return "." in link or await self._by_link.allow(link)

    def _too_many(self, scope: Scope) -> Response:
        language = self._center.visits.language_of(Request(scope))
        answer = self._center.answers.note(TooManyView(language=language, wait=_WAIT))
        answer.headers["Retry-After"] = str(int(_WAIT.total_seconds()))
        return answer
