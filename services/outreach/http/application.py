"""The HTTP applications: routes put together, and what every answer has in common."""

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import JSONResponse

from foundation.database import DatabaseUnavailable
from foundation.health import Health
from foundation.watching import live_route

#: Nothing of what was asked stays with whoever passes the answer on.
_HEADERS: Final = {"Cache-Control": "no-store"}


def public_application(routers: Iterable[APIRouter], *, health: Health) -> FastAPI:
    """Return what the outside may call: webhooks and links. It tells nobody what else there is."""
    application = _application(routers, openapi_url=None)
    application.router.routes.append(live_route(health))
    return application


def internal_application(routers: Iterable[APIRouter]) -> FastAPI:
    """Return what one's own systems may ask, with its contract at `/openapi.json`."""
    return _application(routers, openapi_url="/openapi.json")


def _application(routers: Iterable[APIRouter], *, openapi_url: str | None) -> FastAPI:
    """Return an application that says 503 while the database is out of reach, so that callers call again."""
    application = FastAPI(title="Outreach", docs_url=None, redoc_url=None, openapi_url=openapi_url)
    for router in routers:
        application.include_router(router)

    @application.exception_handler(DatabaseUnavailable)
    async def unavailable(_request: Request, _error: DatabaseUnavailable) -> Response:
        return JSONResponse(
            {"error": "try again later"}, status_code=503, headers={**_HEADERS, "Retry-After": "5"}
        )

    return application
