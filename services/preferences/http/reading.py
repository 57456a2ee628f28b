"""`GET` and its like: who people are, and what was said about them. Who asked about whom is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import AfterValidator
from starlette.responses import JSONResponse, Response

from foundation.access import REFUSALS, Access
from foundation.acts import Actor
from foundation.clock import Clock, as_utc
from foundation.database import Database
from preferences.desk import asking
from preferences.desk.asking import KnownPerson
from preferences.desk.history import PersonNotFound, read_history
from preferences.http.bodies import (
    BulkRead,
    EntriesFound,
    KnownNow,
    PeopleFound,
    ProblemTold,
    Search,
    json_body,
)
from preferences.model.entry import Entry
from schemas.values import printable

#: The scopes of a token that may ask about people, and that may change what is known of them.
READ: Final = "read"
CHANGE: Final = "change"

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    **{status: {"model": ProblemTold, **refusal} for status, refusal in REFUSALS.items()},
    422: {
        "model": ProblemTold,
        "description": "What was given cannot be used; `detail` names place and remedy.",
    },
    503: {
        "model": ProblemTold,
        "description": "The database is out of reach; ask again after `Retry-After`.",
    },
}
#: What a body may be refused for before it is read.
NOT_JSON: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": ProblemTold, "description": "The body is not JSON to the letter."},
    415: {"model": ProblemTold, "description": "The body is not said to be JSON."},
}
NOBODY: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": ProblemTold, "description": "Nobody of this id is known."}
}

PersonId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x20\x7f/]+$",
        description="The agency's id of the person.",
    ),
    AfterValidator(printable),
]
_Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
_After = Annotated[int, Query(ge=0, lt=2**63, description="The `next` of the page before; 0 at first.")]
_At = Annotated[datetime | None, Query(description="As of this instant, with its offset; now if left out.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The questions of `/v1`."""

    database: Database
    clock: Clock
    access: Access

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1", tags=["reading"])
        self._people(router)
        self._entries(router)
        return router

    def _people(self, router: APIRouter) -> None:
        caller = Depends(self.access.requires(READ))

        @router.get("/people/{person_id}", operation_id="read_person", responses=_answers(KnownNow, NOBODY))
        async def read_person(
            person_id: PersonId, *, actor: Annotated[Actor, caller], at: _At = None
        ) -> Response:
            """Read a person, now or as they were known at an instant. `ETag` is the version."""
            await self.access.record(actor, "read", subject=person_id)
            if at is not None:
                return await self._as_of(person_id, at=_as_instant(at))
            async with self.database.reading() as connection:
                found = await asking.read_people(connection, [person_id], now=self.clock.now())
            if not found:
                raise PersonNotFound(person_id)
            return JSONResponse(dict(found[0].data), headers={"ETag": f'"{found[0].version}"'})

        @router.post(
            "/people/read",
            operation_id="read_people",
            responses=_answers(PeopleFound, NOT_JSON),
            openapi_extra=body_of(BulkRead),
        )
        async def read_people(
            wanted: Annotated[BulkRead, Depends(json_body(BulkRead))], *, actor: Annotated[Actor, caller]
        ) -> Response:
            """Read up to 500 people; who is not known is left out."""
            async with self.database.reading() as connection:
                found = await asking.read_people(connection, wanted.people, now=self.clock.now())
            return await self._told(found, actor, more=False)

        @router.post(
            "/people/search",
            operation_id="search_people",
            responses=_answers(PeopleFound, NOT_JSON),
            openapi_extra=body_of(Search),
        )
        async def search_people(
            wanted: Annotated[Search, Depends(json_body(Search))], *, actor: Annotated[Actor, caller]
        ) -> Response:
            """Find people by an address in any spelling. It is no part of a URL: those are logged."""
            async with self.database.reading() as connection:
                found = await asking.search(
                    connection, wanted.address, after=wanted.after, limit=wanted.limit, now=self.clock.now()
                )
            return await self._told(found, actor, more=len(found) == wanted.limit)

    def _entries(self, router: APIRouter) -> None:
        caller = Depends(self.access.requires(READ))

        @router.get(
            "/people/{person_id}/history",
            operation_id="read_history",
            responses=_answers(EntriesFound, NOBODY),
        )
        async def history(
            person_id: PersonId,
            *,
            actor: Annotated[Actor, caller],
            at: _At = None,
            after: _After = 0,
            limit: _Limit = 100,
        ) -> Response:
            """Read what was said about a person: by whom, how, when, by what proof."""
            await self.access.record(actor, "read history", subject=person_id)
            instant = self.clock.now() if at is None else _as_instant(at)
            async with self.database.reading() as connection:
                found = await read_history(connection, person_id, at=instant)
            return _page([entry for entry in found.entries if entry.number > after], limit=limit)

        @router.get("/changes", operation_id="list_changes", responses=_answers(EntriesFound))
        async def changes(
            *, actor: Annotated[Actor, caller], after: _After = 0, limit: _Limit = 100
        ) -> Response:
            """Read what was said about anybody since a cursor, in the order in which it was committed."""
            await self.access.record(actor, "list changes", subject="everybody")
            async with self.database.reading() as connection:
                found = await asking.list_changes(connection, after=after, limit=limit)
            content = [msgspec.to_builtins(entry) for entry in found]
            # The cursor of the last one is given even where nothing follows: ask again with it later.
            return JSONResponse({"entries": content, "next": found[-1].number if found else after})

    async def _as_of(self, person_id: str, *, at: datetime) -> Response:
        async with self.database.reading() as connection:
            found = await read_history(connection, person_id, at=at)
        return JSONResponse(found.snapshot)

    async def _told(self, found: Sequence[KnownPerson], actor: Actor, *, more: bool) -> Response:
        for person in found:
            await self.access.record(actor, "read", subject=person.person_id)
        content = {
            "people": [dict(person.data) for person in found],
            "next": found[-1].person_id if more else None,
        }
        return JSONResponse(content)


def body_of(model: type) -> dict[str, Any]:
    """Return the part of the contract that says what a request's body is."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _answers(model: type, *others: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    answers: dict[int | str, dict[str, Any]] = {200: {"model": model}, **PROBLEMS}
    for other in others:
        answers |= other
    return answers


def _page(entries: Sequence[Entry], *, limit: int) -> Response:
    page = entries[:limit]
    content = [msgspec.to_builtins(entry) for entry in page]
    return JSONResponse({"entries": content, "next": page[-1].number if len(entries) > limit else None})


def _as_instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise HTTPException(422, "at: name the offset, such as 2026-03-02T22:30:00Z")
    try:
        return as_utc(at)
    except OverflowError:
        raise HTTPException(422, "at: a year that nobody means") from None
