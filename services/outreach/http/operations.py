"""Health and metrics."""

from fastapi import APIRouter, Response
from starlette.responses import JSONResponse

from foundation.health import Health, Report
from foundation.metrics import CONTENT_TYPE, Metrics


def operations_router(*, health: Health, metrics: Metrics) -> APIRouter:
    """Return `/health/live`, `/health/ready` and `/metrics`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> Response:
        return _answer(await health.live())

    @router.get("/health/ready")
    async def ready() -> Response:
        return _answer(await health.ready())

    @router.get("/metrics")
    async def numbers() -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return router


def _answer(report: Report) -> Response:
    return JSONResponse(report.as_json(), status_code=200 if report.ok else 503)
