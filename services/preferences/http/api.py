"""`/v1`: what other systems ask and change, for the internal listener alone."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from foundation.access import Access
from foundation.clock import Clock
from foundation.database import Database
from preferences.http.bodies import BODIES
from preferences.http.changing import Changing
from preferences.http.problems import PROBLEM, answer_problems
from preferences.http.reading import Reading

_REFUSALS_FROM = 400
_ABOUT = """Who may be reached, how, when, and why not: read, changed and followed.

Every request names its token (`preferences tokens mint`). `docs/preferences.md` shows each call and its
answer."""


def api(*, database: Database, clock: Clock, access: Access) -> FastAPI:
    """Return the application, with its contract at `/openapi.json`."""
    application = FastAPI(
        title="Preferences",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    application.include_router(Reading(database=database, clock=clock, access=access).router())
    application.include_router(Changing(database=database, clock=clock, access=access).router())
    answer_problems(application)
    generated = application.openapi

    def contract() -> dict[str, Any]:
        document = generated()
        _, bodies = models_json_schema(
            [(model, "validation") for model in BODIES], ref_template="#/components/schemas/{model}"
        )
        document["components"]["schemas"] |= bodies["$defs"]
        _say_problems(document)
        return document

    application.openapi = contract  # type: ignore[method-assign] # as FastAPI's documentation extends it
    return application


def _say_problems(document: dict[str, Any]) -> None:
    """Give every refusal the media type that it has: FastAPI knows one for all answers of a route."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if int(status) >= _REFUSALS_FROM and "application/json" in content:
                    content[PROBLEM] = content.pop("application/json")
