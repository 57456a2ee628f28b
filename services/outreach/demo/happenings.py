"""What happens in the fictional agency's weeks, each at its instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from outreach.model.message import Email


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEvent:
    """Another system of the agency publishes an event; `kind` without its version."""

    at: datetime
    person_id: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """The agency's other systems tell all that they know of somebody."""

    at: datetime
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """The person sends a text, or an email that answers one of ours; `by_a_program`: their mail program does.

    A human answers what needs one after `answered_after_days`, if ever.
    """

    at: datetime
    person_id: str
    text: str
    answers: Email | None = None
    by_a_program: bool = False
    answered_after_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """The person opens the page behind a link of ours and sends one form of it; `why` says it in words.

    A human answers what asks for one after `answered_after_days`, if ever.
    """

    at: datetime
    person_id: str
    link: str
    action: str
    why: str
    fields: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    answered_after_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A human of the agency has dealt with what the person wrote or asked for."""

    at: datetime
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribed:
    """The person presses the button in an email."""

    at: datetime
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbled:
    """Another system publishes what nobody can read."""

    at: datetime
    person_id: str


Happening: TypeAlias = AgencyEvent | Introduced | Wrote | Visited | Answered | Unsubscribed | Garbled
