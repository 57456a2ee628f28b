"""Where a statement about a person comes from: who said it, how it reached us, and what proves it."""

from typing import Annotated

from pydantic import Field

from schemas.values import EventData, Id, Line, Text, Value
from schemas.vocabulary import EvidenceKind, SaidBy, Way


class Evidence(Value):
    """Something kept elsewhere that proves a statement; `reference` is its name there.

    `wording` is what the person was shown or told, where that matters.
    """

    kind: EvidenceKind
    reference: Id
    wording: Text | None = None


class Provenance(Value):
    """Who made a statement, by which way it reached the publisher, and what proves it.

    `speaker` names the agent or the system that said it, never the person.
    """

    by: SaidBy
    way: Way | None = None
    speaker: Line | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()


class PersonEvent(EventData):
    """What preferences remembers of a person. Without a provenance the publishing system said it itself."""

    provenance: Provenance | None = None
