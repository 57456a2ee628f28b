"""Refusals as `application/problem+json` (RFC 9457): what is wrong and what to do, never a value."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match, Route

from foundation.database import DatabaseUnavailable
from preferences.desk.changing import ChangeRefused, KeyReused, NothingThere, Outdated
from preferences.desk.history import PersonNotFound
from preferences.ledger.circles import Erased

_NOT_ALLOWED: Final = 405
PROBLEM: Final = "application/problem+json"
_STATUS: Final[dict[type[Exception], int]] = {
    Outdated: 412,
    KeyReused: 422,
    NothingThere: 404,
    ChangeRefused: 409,
    PersonNotFound: 404,
    Erased: 409,
}


def answer_problems(application: FastAPI) -> None:
    """Have the application answer every refusal as a problem."""

    @application.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == _NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods_at(application, request))
        return problem(error.status_code, str(error.detail), headers=headers)

    @application.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        return problem(422, "; ".join(_places(error.errors())))

    @application.exception_handler(DatabaseUnavailable)
    async def unavailable(_request: Request, _error: DatabaseUnavailable) -> Response:
        return problem(
            503,
            "nothing was changed, or nobody knows: ask again with the same key",
            headers={"Retry-After": "5"},
        )

    async def not_done(_request: Request, error: Exception) -> Response:
        status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
        return problem(
            status, str(error) if not isinstance(error, PersonNotFound) else "nobody of this id is known"
        )

    application.add_exception_handler(ChangeRefused, not_done)
    application.add_exception_handler(PersonNotFound, not_done)
    application.add_exception_handler(Erased, not_done)


def _methods_at(application: FastAPI, request: Request) -> list[str]:
    """Return every method of a path; Starlette names those of one route only."""
    there = [
        route
        for route in application.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    literal = [route for route in there if route.path == request.url.path]
    return sorted({method for route in literal or there for method in route.methods or ()})


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None) -> Response:
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(content, status_code=status, headers=headers, media_type=PROBLEM)


def _places(errors: Sequence[Any]) -> list[str]:
    """Name each place and its remedy; what was given there may be about somebody."""
    return [f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in errors]
