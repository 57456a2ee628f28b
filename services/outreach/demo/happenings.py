"""What happens in the fictional agency's weeks, each at its instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEvent:
    """Another system of the agency publishes an event; `kind` without its version."""

    at: datetime
    person_id: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The preferences service learns something: `sets` replaces lists and values, `adds` appends to lists.

    `removes` names the holds that no longer stand.
    """

    at: datetime
    person_id: str
    why: str
    sets: Mapping[str, Any] = field(default_factory=dict)
    adds: Mapping[str, tuple[Mapping[str, Any] | str, ...]] = field(default_factory=dict)
    removes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """The person sends a text; a human answers what needs one after `answered_after_days`, if ever."""

    at: datetime
    person_id: str
    text: str
    answered_after_days: int | None = None


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


Happening: TypeAlias = AgencyEvent | Changed | Wrote | Unsubscribed | Garbled
