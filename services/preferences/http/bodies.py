"""What callers of `/v1` send and get, beside the models of the wire contract."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from fastapi import HTTPException, Request
from pydantic import BaseModel, Field, ValidationError

from schemas.people import (
    ConsentGranted,
    ConsentWithdrawn,
    HoldPlaced,
    NoticePosted,
    NumberChecked,
    PersonChanged,
    PersonMerged,
    PersonSeparated,
    PersonSnapshot,
)
from schemas.problems import describe
from schemas.provenance import Evidence, Provenance
from schemas.strict_json import Ambiguous, refuse_ambiguous
from schemas.values import Id, Instant, Line, Value, count_names

M = TypeVar("M", bound=Value)

MOST_PEOPLE: Final = 500


class Dated(Value):
    """When it happened, where that is not now: never ahead of us."""

    happened_at: Instant | None = None


class PreferencesChange(PersonChanged, Dated):
    """What is to be otherwise; a field left out stays as it is."""


class Proof(Provenance):
    """Where a consent comes from, with at least one thing that proves it."""

    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1, max_length=20)]


class ConsentGrant(ConsentGranted, Dated):
    """A consent, with what proves it."""

    provenance: Proof


class ConsentWithdrawal(ConsentWithdrawn, Dated):
    """A channel or address that the person closes. Nothing is asked of whoever says stop."""


class HoldOrder(HoldPlaced, Dated):
    """A hold to be placed."""


class Lift(Dated):
    """Why a hold is lifted is said in its provenance."""

    provenance: Provenance | None = None


class CheckResultTold(NumberChecked, Dated):
    """The answer of a reassigned-number check."""


class NoticeTold(NoticePosted, Dated):
    """A notice that was posted."""


class Merge(PersonMerged, Dated):
    """Another id of the same person."""


class Separation(PersonSeparated, Dated):
    """An id with which the person was joined by mistake."""


class Correction(Dated):
    """What an entry says was wrong; `entry` is its number in the history."""

    entry: Annotated[int, Field(ge=1, lt=2**63)]
    reason: Line
    provenance: Provenance | None = None


class Search(Value):
    """An address in any spelling."""

    address: Line
    after: str = ""
    limit: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] = 100


class BulkRead(Value):
    """Whom to read."""

    people: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_PEOPLE)]


class KnownNow(PersonSnapshot):
    """A person as `people.v1` carries them; as of an instant of the past they have no version."""

    version: Annotated[int, Field(ge=1, lt=2**63)] | None = None  # type: ignore[assignment] # looser on purpose


class PeopleFound(BaseModel):
    """People, in the order of their ids. `next` is the `after` of the next page; null at the end."""

    people: list[KnownNow]
    next: str | None


class ChangeMade(BaseModel):
    """The change is committed. `version` is the one that `people.v1` will carry, if nothing newer comes."""

    person_id: str
    version: int


class EntryTold(BaseModel):
    """One thing said about a person; see `docs/preferences.md`."""

    number: int
    person_id: str
    type: str
    data: dict[str, Any]
    source: str
    event_id: str
    said_by: str
    speaker: str | None
    way: str
    caller: str
    evidence: list[dict[str, Any]]
    happened_at: datetime
    heard_at: datetime


class EntriesFound(BaseModel):
    """Entries in the order of the ledger. `next` is the `after` of the next page; null at the end."""

    entries: list[EntryTold]
    next: int | None


class ProblemTold(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


BODIES: Final[tuple[type[Value], ...]] = (
    PreferencesChange,
    ConsentGrant,
    ConsentWithdrawal,
    HoldOrder,
    Lift,
    CheckResultTold,
    NoticeTold,
    Merge,
    Separation,
    Correction,
    Search,
    BulkRead,
)


def json_body(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Return a dependency that reads the body as strictly as a record of the contract is read."""

    async def read(request: Request) -> M:
        text = await request.body()
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(415, "send JSON: Content-Type: application/json")
        try:
            body = model.model_validate_json(text)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_context=True, include_input=False)
            if errors[0]["type"] == "json_invalid":
                raise HTTPException(400, "the body is not JSON (RFC 8259, UTF-8)") from None
            raise HTTPException(422, describe(errors).replace("data", "body", 1)) from None
        try:
            refuse_ambiguous(text, names=count_names(body))
        except Ambiguous as error:
            raise HTTPException(400, error.problem) from None
        return body

    return read
