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
from foundation.pages.answers import HEADERS
from foundation.rates import Rates
from foundation.watching import LIVE, live_route
from preferences.http.center import Center
from preferences.pages.render import PREFIX
from preferences.pages.views import TooManyView, UnavailableView, UnknownLinkView

#: Of forms: what a person may say, each sign written out.
LIMITS: Final = Limits(largest_body=64 * 1024, all_bodies=16 * 1024 * 1024)
_WAIT: Final = timedelta(seconds=10)
#: So many pages may be under way at once: more would all wait longer than anybody does, and for nothing.
#: Forms are not counted: a stop is let in where a look is not, and who sends one slowly keeps nobody out.
_MOST_PAGES: Final = 64


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
        self._pages = 0

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
        if scope["type"] != "http" or scope["method"] == "POST" or self._names_no_link(scope["path"]):
            await self._application(scope, receive, guarded)
            return
        if self._pages >= _MOST_PAGES:
            await self._unavailable(scope)(scope, receive, guarded)
            return
        self._pages += 1
        try:
            await self._application(scope, receive, guarded)
        finally:
            self._pages -= 1

    async def _allows(self, scope: Scope) -> bool:
        if scope["path"] == LIVE:
            # Who asks this takes us out of service by the answer: nobody may bring that about.
            return True
        client = scope.get("client")
        if client is not None and not await self._by_address.allow(client[0]):
            return False
        return self._names_no_link(scope["path"]) or await self._by_link.allow(_link_in(scope["path"]))

    def _names_no_link(self, path: str) -> bool:
        """Tell whether nothing is asked of the database: it is a file that pages name, or nothing at all."""
        return not path.startswith(PREFIX) or _link_in(path) in self._center.answers.pages.look.assets

    def _unavailable(self, scope: Scope) -> Response:
        language = self._center.visits.language_of(Request(scope))
        answer = self._center.answers.note(UnavailableView(language=language))
        answer.headers["Retry-After"] = str(int(_WAIT.total_seconds()))
        return answer

    def _too_many(self, scope: Scope) -> Response:
        language = self._center.visits.language_of(Request(scope))
        answer = self._center.answers.note(TooManyView(language=language, wait=_WAIT))
        answer.headers["Retry-After"] = str(int(_WAIT.total_seconds()))
        return answer


def _link_in(path: str) -> str:
    return path.removeprefix(PREFIX).partition("/")[0]
