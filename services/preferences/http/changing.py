"""Changes over HTTP: each is an entry of the ledger in the name of the token, made once for each key."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Request
from starlette.responses import JSONResponse, Response

from foundation.access import Access
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Database
from preferences.desk.changing import Change, ChangeRefused, NothingThere, make_change
from preferences.desk.correcting import correction_of_entry
from preferences.desk.joining import refuse_itself
from preferences.http.bodies import (
    ChangeMade,
    CheckResultTold,
    ConsentGrant,
    ConsentWithdrawal,
    Correction,
    Dated,
    HoldOrder,
    Lift,
    Merge,
    NoticeTold,
    PreferencesChange,
    ProblemTold,
    Separation,
    json_body,
)
from preferences.http.reading import CHANGE, NOBODY, NOT_JSON, PROBLEMS, PersonId, body_of
from preferences.store.people import Person
from schemas import envelope
from schemas.envelope import Event
from schemas.people import PAUSE, HoldLifted
from schemas.registry import EVENT_TYPES
from schemas.values import EventData

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        pattern=r"^[!-~]+$",
        description="Names this request: sent again under the same key it is done once. A UUID is good.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^("[0-9]{1,18}"|\*)$',
        description="The `ETag` that you have read, or `*`.",
    ),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", pattern=r"^\*$", description="`*` where the person is new.")
]
HoldId = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x20\x7f/]+$")]

_CHANGED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ChangeMade},
    **NOT_JSON,
    **PROBLEMS,
}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    409: {"model": ProblemTold, "description": "It cannot be done; `detail` says what can."}
}
_OUTDATED: Final[dict[int | str, dict[str, Any]]] = {
    412: {"model": ProblemTold, "description": "The person is not as you have read them."},
    428: {"model": ProblemTold, "description": "Say with `If-Match` which version you have read."},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for a change, and under which name."""

    actor: Actor
    key: str
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """The changes of `/v1`."""

    database: Database
    clock: Clock
    access: Access

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1", tags=["changing"])
        self._preferences(router)
        self._additions(router)
        self._joins(router)
        self._lifts(router)
        self._corrections(router)
        return router

    def _asked(self) -> Callable[..., Any]:
        async def asked(
            request: Request, actor: Annotated[Actor, Depends(self.access.requires(CHANGE))], key: Key
        ) -> Asked:
            return Asked(actor=actor, key=key, request=request)

        return asked

    def _preferences(self, router: APIRouter) -> None:
        @router.patch(
            "/people/{person_id}",
            operation_id="change_person",
            responses=_CHANGED | _OUTDATED,
            openapi_extra=body_of(PreferencesChange),
        )
        async def change_person(
            person_id: PersonId,
            body: Annotated[PreferencesChange, Depends(json_body(PreferencesChange))],
            *,
            asked: Annotated[Asked, Depends(self._asked())],
            if_match: IfMatch = None,
            if_none_match: IfNoneMatch = None,
        ) -> Response:
            """Change what is known of a person; each field given replaces the former value wholly."""
            return await self._change(
                "person.changed.v1",
                person_id,
                body,
                asked=asked,
                expected=_expected(if_match, if_none_match),
            )

    def _additions(self, router: APIRouter) -> None:
        """Add the routes that only add: none needs to have read the person before."""
        for path, name, type_name, model, says in (
            (
                "consents",
                "grant_consent",
                "consent.granted.v1",
                ConsentGrant,
                "Record a consent, with its proof.",
            ),
            (
                "withdrawals",
                "withdraw_consent",
                "consent.withdrawn.v1",
                ConsentWithdrawal,
                "Close a channel, or one address of it.",
            ),
            ("holds", "place_hold", "hold.placed.v1", HoldOrder, "Place a hold, or place it anew."),
            (
                "checks",
                "record_check",
                "number.checked.v1",
                CheckResultTold,
                "Record a reassigned-number check.",
            ),
            ("notices", "record_notice", "notice.posted.v1", NoticeTold, "Record a notice that was posted."),
        ):
            router.add_api_route(
                f"/people/{{person_id}}/{path}",
                self._adding(type_name, model),
                methods=["POST"],
                operation_id=name,
                summary=says,
                responses=_CHANGED,
                openapi_extra=body_of(model),
            )

    def _adding(self, type_name: str, model: type[Dated]) -> Callable[..., Any]:
        async def add(
            person_id: PersonId,
            body: Annotated[Any, Depends(json_body(model))],
            *,
            asked: Annotated[Asked, Depends(self._asked())],
        ) -> Response:
            return await self._change(type_name, person_id, body, asked=asked)

        return add

    def _joins(self, router: APIRouter) -> None:
        """Add the routes about two ids."""
        for path, name, model, says in (
            ("merges", "merge_people", Merge, "Say that another id is the same person."),
            ("separations", "separate_people", Separation, "Say that two ids were joined by mistake."),
        ):
            router.add_api_route(
                f"/people/{{person_id}}/{path}",
                self._joining(model),
                methods=["POST"],
                operation_id=name,
                summary=says,
                responses=_CHANGED | _REFUSED,
                openapi_extra=body_of(model),
            )

    def _joining(self, model: type[Merge | Separation]) -> Callable[..., Any]:
        type_name = "person.merged.v1" if model is Merge else "person.separated.v1"

        async def join(
            person_id: PersonId,
            body: Annotated[Any, Depends(json_body(model))],
            *,
            asked: Annotated[Asked, Depends(self._asked())],
        ) -> Response:
            refuse = partial(refuse_itself, body.other_id)
            return await self._change(type_name, person_id, body, asked=asked, refuse=refuse)

        return join

    def _lifts(self, router: APIRouter) -> None:
        @router.post(
            "/people/{person_id}/holds/{hold_id}/lift",
            operation_id="lift_hold",
            responses=_CHANGED | NOBODY | _REFUSED,
            openapi_extra=body_of(Lift),
        )
        async def lift_hold(
            person_id: PersonId,
            hold_id: HoldId,
            body: Annotated[Lift, Depends(json_body(Lift))],
            *,
            asked: Annotated[Asked, Depends(self._asked())],
        ) -> Response:
            """Lift a hold by its name."""

            def refuse(person: Person) -> None:
                if hold_id == PAUSE:
                    raise ChangeRefused(
                        "this is the person's own pause: change pause_until with PATCH instead"
                    )
                register = person.record.get(f"hold {hold_id}")
                if register is None or register.value is None:
                    raise NothingThere("no hold of this name stands; read the person for those that do")

            lifted = HoldLifted(hold_id=hold_id, provenance=body.provenance)
            return await self._change(
                "hold.lifted.v1", person_id, body, asked=asked, data=lifted, refuse=refuse
            )

    def _corrections(self, router: APIRouter) -> None:
        @router.post(
            "/people/{person_id}/corrections",
            operation_id="correct_entry",
            responses=_CHANGED | NOBODY | _REFUSED,
            openapi_extra=body_of(Correction),
        )
        async def correct_entry(
            person_id: PersonId,
            body: Annotated[Correction, Depends(json_body(Correction))],
            *,
            asked: Annotated[Asked, Depends(self._asked())],
        ) -> Response:
            """Say that an entry was wrong: it counts no more, save that what closed something stands."""
            async with self.database.reading() as connection:
                correction = await correction_of_entry(
                    connection, person_id, body.entry, reason=body.reason, provenance=body.provenance
                )
            return await self._change("statement.corrected.v1", person_id, body, asked=asked, data=correction)

    async def _change(
        self,
        type_name: str,
        person_id: str,
        body: Dated,
        *,
        asked: Asked,
        data: EventData | None = None,
        expected: int | None = None,
        refuse: Callable[[Person], None] | None = None,
    ) -> Response:
        event = self._event(type_name, person_id, body, asked=asked, data=data)
        digest = sha256(
            f"{asked.request.method} {asked.request.url.path}\n".encode() + await asked.request.body()
        )
        change = Change(event=event, digest=digest.digest(), expected=expected, refuse=refuse)
        made = await make_change(
            change, caller=asked.actor.name, way="api", database=self.database, clock=self.clock
        )
        headers = {"ETag": f'"{made.version}"'}
        if made.again:
            headers["Idempotent-Replayed"] = "true"
        return JSONResponse({"person_id": person_id, "version": made.version}, headers=headers)

    def _event(
        self, type_name: str, person_id: str, body: Dated, *, asked: Asked, data: EventData | None
    ) -> Event:
        """Return the change as an event, read as strictly as one from Kafka is."""
        now = self.clock.now()
        if data is None:
            text = body.model_dump_json(exclude_unset=True, exclude={"happened_at"})
            data = EVENT_TYPES[type_name].read(text, extra="forbid")
        event = Event(
            id=asked.key,
            source=f"/preferences/api/{quote(asked.actor.name, safe='')[:100]}",
            type=type_name,
            time=body.happened_at or now,
            person_id=person_id,
            data=data,
        )
        key, value, headers = envelope.render(event)
        try:
            return envelope.parse(
                topic=EVENT_TYPES[type_name].topic, key=key, value=value, headers=headers, now=now
            )
        except envelope.Malformed as error:
            raise HTTPException(422, error.problem) from None


def _expected(if_match: str | None, if_none_match: str | None) -> int | None:
    """Return the version that the person must have; None where any will do."""
    if if_none_match is not None:
        return 0
    if if_match is None:
        raise HTTPException(
            428, "send If-Match with the ETag you have read, or If-None-Match: * for a new person"
        )
    return None if if_match == "*" else int(if_match.strip('"'))
