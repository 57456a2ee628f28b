"""Ask first: dialers and agents share the caps and hours that outreach keeps."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query

from foundation.clock import Clock, as_utc
from foundation.database import Database
from outreach.desk.ask import may_contact
from outreach.desk.explanations import explanation_json
from outreach.model.words import Channel, Purpose, Role
from outreach.policy.policy import Policy
from outreach.sending.obstacles import FindObstacle, no_obstacle

#: No text of PostgreSQL holds a NUL.
_STORABLE = r"^[^\x00]*$"

PersonId = Annotated[
    str, Path(max_length=200, pattern=_STORABLE, description="The agency's id of the person.")
]


#: Far from where calendars end: a wait may be added, and any offset taken.
_EARLIEST, _LATEST = 1900, 2200


class Asking:
    """`GET /v1/people/{id}/may-contact`: the same answer as `outreach explain`, for other systems."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        policy: Callable[[], Policy],
        find_obstacle: FindObstacle = no_obstacle,
    ) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy
        self._find_obstacle = find_obstacle

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1")
        router.add_api_route("/people/{person_id}/may-contact", self.may_contact, methods=["GET"])
        return router

    async def may_contact(
        self,
        person_id: PersonId,
        *,
        channel: Annotated[Channel, Query(description="How the person would be contacted.")],
        debt: Annotated[
            str | None, Query(max_length=200, pattern=_STORABLE, description="The debt it would be about.")
        ] = None,
        purpose: Annotated[Purpose, Query(description="Why.")] = Purpose.REMINDER,
        role: Annotated[
            Role, Query(description="Who would, where the debt does not say it.")
        ] = Role.THIRD_PARTY,
        at: Annotated[datetime | None, Query(description="When, with offset; now if left out.")] = None,
    ) -> dict[str, Any]:
        """Say whether a person may be contacted, and if not, why and from when on.

        Asking reserves nothing: report what was done as `contact.recorded`. While it is not known what
        people said last, nobody can say whether they may be contacted now: that is a 503.
        """
        if at is not None and at.tzinfo is None:
            raise HTTPException(422, "at: name the offset, such as 2026-03-02T22:30:00Z")
        if at is not None and not _EARLIEST <= at.year < _LATEST:
            raise HTTPException(422, "at: a year that nobody means")
        if at is None:
            await self._insist_on_fresh_facts()
        explanation = await may_contact(
            self._database,
            person_id=person_id,
            debt_id=debt,
            channel=channel,
            purpose=purpose,
            role=role,
            policy=self._policy(),
            at=as_utc(at) if at is not None else self._clock.now(),
        )
        if explanation is None:
            raise HTTPException(404, "nobody of this id is known")
        return explanation_json(explanation)

    async def _insist_on_fresh_facts(self) -> None:
        async with self._database.transaction() as connection:
            obstacle = await self._find_obstacle(connection)
        if obstacle is not None:
            raise HTTPException(503, f"nobody can say now: {obstacle}", headers={"Retry-After": "5"})
