"""Health and metrics, for whoever starts, stops and watches the service."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from foundation.health import Health, Report
from foundation.metrics import CONTENT_TYPE, Metrics

_UNAVAILABLE = 503


def operations(*, health: Health, metrics: Metrics) -> Starlette:
    """Return `/health/live`, `/health/ready` and `/metrics`; nothing on them tells of anybody."""

    async def show_metrics(_: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return Starlette(
        routes=[
            Route("/health/live", _answering(health.live)),
            Route("/health/ready", _answering(health.ready)),
            Route("/metrics", show_metrics),
        ]
    )


def _answering(ask: Callable[[], Awaitable[Report]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        report = await ask()
        return JSONResponse(report.as_json(), status_code=200 if report.ok else _UNAVAILABLE)

    return answer
