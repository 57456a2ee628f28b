"""Health and metrics, for whoever starts, stops and watches a service. Nothing tells of anybody."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from foundation.health import Health, Report
from foundation.metrics import CONTENT_TYPE, Metrics

#: Whether a restart would help, for whoever starts and stops processes.
LIVE: Final = "/health/live"


def live_route(health: Health) -> Route:
    """Return the route of `LIVE`, which names no topic and no trouble but that a restart helps."""

    async def live(_: Request) -> Response:
        report = await health.live()
        return JSONResponse({"status": "ok" if report.ok else "failing"}, status_code=_status(report))

    return Route(LIVE, live)


def watching_routes(*, health: Health, metrics: Metrics) -> Sequence[Route]:
    """Return `/health/live`, `/health/ready` and `/metrics`, for the internal listener."""

    async def show_metrics(_: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return [
        Route(LIVE, _answering(health.live)),
        Route("/health/ready", _answering(health.ready)),
        Route("/metrics", show_metrics),
    ]


def _answering(ask: Callable[[], Awaitable[Report]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        report = await ask()
        return JSONResponse(report.as_json(), status_code=_status(report))

    return answer


def _status(report: Report) -> int:
    return 200 if report.ok else 503
