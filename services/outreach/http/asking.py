"""Ask first: dialers and agents share the caps and hours that outreach keeps."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import BaseModel, Field

from foundation.access import REFUSALS, Access
from foundation.acts import Actor
from foundation.clock import Clock, as_utc
from foundation.database import Database
from outreach.desk.ask import UnknownDebt, UnknownPerson, may_contact
from outreach.model.decision import Decision, Defer, Send, Suppress
from outreach.model.words import Channel, Purpose, Role
from outreach.policy.policy import Policy
from outreach.sending.obstacles import FindObstacle, no_obstacle

#: The scope of a token that may ask.
ASK: Final = "ask"

#: No text of PostgreSQL holds a NUL.
_STORABLE = r"^[^\x00]*$"

PersonId = Annotated[
    str, Path(max_length=200, pattern=_STORABLE, description="The agency's id of the person.")
]

#: Far from where calendars end: a wait may be added, and any offset taken.
_EARLIEST, _LATEST = 1900, 2200


class Permission(BaseModel):
    """Whether a contact may be made: as much as whoever would make it needs."""

    decision: str = Field(description="`send`, `defer` or `suppress`.", examples=["defer"])
    until: datetime | None = Field(
        description="`send`: it holds until then if nothing changes. `defer`: not before. Else null."
    )
    final: bool = Field(description="`suppress` alone: it will not change by waiting.")
    reasons: list[str] = Field(description="Why not, in the words of `docs/policy.md`.")
    at: datetime = Field(description="The instant that was asked about.")


class Asking:
    """`GET /v1/people/{id}/may-contact`: the decision that `outreach explain` tells the reasons of."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        policy: Callable[[], Policy],
        access: Access,
        find_obstacle: FindObstacle = no_obstacle,
    ) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy
        self._access = access
        self._find_obstacle = find_obstacle

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1")
        refusals = {
            **REFUSALS,
            404: {"description": "Nobody of this id is known, or they owe no such debt."},
            503: {"description": "What people said last is not known here now; `Retry-After`."},
        }
        caller = Depends(self._access.requires(ASK))

        @router.get("/people/{person_id}/may-contact", responses=refusals, operation_id="may_contact")
        async def ask(
            person_id: PersonId,
            *,
            actor: Annotated[Actor, caller],
            channel: Annotated[Channel, Query(description="How the person would be contacted.")],
            debt: Annotated[
                str | None,
                Query(max_length=200, pattern=_STORABLE, description="The debt it would be about."),
            ] = None,
            purpose: Annotated[Purpose, Query(description="Why.")] = Purpose.REMINDER,
            role: Annotated[
                Role, Query(description="Who would, where the debt does not say it.")
            ] = Role.THIRD_PARTY,
            at: Annotated[datetime | None, Query(description="When, with offset; now if left out.")] = None,
        ) -> Permission:
            """Say whether a person may be contacted, and if not, from when on.

            Asking reserves nothing: report what was done as `contact.recorded`. Who asked about whom is kept.
            While it is not known what people said last, nobody can say whether they may be contacted now.
            """
            await self._access.record(actor, "may-contact", subject=person_id)
            if at is None:
                await self._insist_on_fresh_facts()
            asked_at = self._clock.now() if at is None else _as_instant(at)
            try:
                explanation = await may_contact(
                    self._database,
                    person_id=person_id,
                    debt_id=debt,
                    channel=channel,
                    purpose=purpose,
                    role=role,
                    policy=self._policy(),
                    at=asked_at,
                )
            except UnknownPerson:
                raise HTTPException(404, "nobody of this id is known") from None
            except UnknownDebt:
                raise HTTPException(404, "this person owes no such debt") from None
            return _permission(explanation.decision, at=asked_at)

        return router

    async def _insist_on_fresh_facts(self) -> None:
        async with self._database.transaction() as connection:
            obstacle = await self._find_obstacle(connection)
        if obstacle is not None:
            raise HTTPException(503, f"nobody can say now: {obstacle}", headers={"Retry-After": "5"})


def _as_instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise HTTPException(422, "at: name the offset, such as 2026-03-02T22:30:00Z")
    if not _EARLIEST <= at.year < _LATEST:
        raise HTTPException(422, "at: a year that nobody means")
    return as_utc(at)


def _permission(decision: Decision, *, at: datetime) -> Permission:
    match decision:
        case Send(valid_until=until):
            return Permission(decision="send", until=until, final=False, reasons=[], at=at)
        case Defer(until=until, reasons=reasons):
            return Permission(decision="defer", until=until, final=False, reasons=[*reasons], at=at)
        case Suppress(reasons=reasons) as suppress:
            return Permission(
                decision="suppress", until=None, final=suppress.closes, reasons=[*reasons], at=at
            )
