"""The HTTP application: routes put together, and what every answer has in common."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import JSONResponse

from foundation.database import DatabaseUnavailable


def application(routers: Iterable[APIRouter]) -> FastAPI:
    """Return the application. While the database is out of reach it says 503, so that vendors call again."""
    app = FastAPI(title="Outreach", docs_url=None, redoc_url=None)
    for router in routers:
        app.include_router(router)

    @app.exception_handler(DatabaseUnavailable)
    async def unavailable(_request: Request, _error: DatabaseUnavailable) -> Response:
        return JSONResponse({"error": "try again later"}, status_code=503, headers={"Retry-After": "5"})

    return app
