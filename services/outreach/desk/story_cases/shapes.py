"""What a file of story cases may hold."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from outreach.guidance.files.shapes import AChannel, Shape
from outreach.guidance.files.spellings import parse_instant
from outreach.model.words import Purpose, Reason
from outreach.understanding.kinds import Urgency

#: Words and instants are strings in a file, also where the model is strict.
_WORD = Field(strict=False)


def _instant(value: object) -> object:
    return parse_instant(value) if isinstance(value, str) else value


Instant: TypeAlias = Annotated[datetime, BeforeValidator(_instant)]
APurpose: TypeAlias = Annotated[Purpose, _WORD]
AnUrgency: TypeAlias = Annotated[Urgency, _WORD]
AReason: TypeAlias = Annotated[Reason, _WORD]
#: One text, or several of which any one will do.
Texts: TypeAlias = list[str | list[str]]
Id: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class StoryPerson(Shape):
    """A person of a story, as `person.changed` tells of one. What is left out is not known."""

    address: dict[str, Any] | None = None
    phones: list[str | dict[str, Any]] = Field(default_factory=list)
    emails: list[str | dict[str, Any]] = Field(default_factory=list)
    zones: list[str] = Field(default_factory=list)
    names: dict[str, Any] | None = None
    language: str | None = None
    preferred_channels: list[str] = Field(default_factory=list)
    refused_channels: list[str] = Field(default_factory=list)
    convenient: list[dict[str, Any]] = Field(default_factory=list)
    inconvenient: list[dict[str, Any]] = Field(default_factory=list)
    consents: Literal["none"] | None = None
    checks: Literal["none"] | None = None
    notices: Literal["none"] | None = None


class MessageShape(Shape):
    """Which messages are meant."""

    to: Id | None = None
    play: str | None = None
    purpose: APurpose | None = None
    channel: AChannel | None = None
    between: list[Instant] | None = None
    says: Texts = Field(default_factory=list)
    never_says: Texts = Field(default_factory=list)
    spells: Texts = Field(default_factory=list)
    never_spells: Texts = Field(default_factory=list)
    about: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_two_ends(self) -> "MessageShape":
        if self.between is not None and len(self.between) != 2:  # noqa: PLR2004
            raise ValueError("between: write two instants, [from, before]")
        return self


class SentShape(MessageShape):
    """Messages of which there must be one, or exactly `count`."""

    count: int | None = Field(default=None, ge=1)


class TotalShape(MessageShape):
    """How many such messages there may be."""

    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)
    exactly: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _says_how_many(self) -> "TotalShape":
        if {self.at_least, self.at_most, self.exactly} == {None}:
            raise ValueError("say how many: at_least, at_most or exactly")
        return self


class RepliedShape(Shape):
    """How the last reply of somebody was understood, and what it closed."""

    from_: Id = Field(alias="from")
    about: Texts = Field(default_factory=list)
    not_about: list[str] = Field(default_factory=list)
    urgency: AnUrgency | None = None
    needs_human: bool | None = None
    suppresses: list[AChannel] | None = None


class QuarantinedShape(Shape):
    """A record that was kept aside."""

    type: str
    reason: str


class ExplainedShape(Shape):
    """What the policy answers for a touch at an instant."""

    to: Id
    play: str
    at: Instant
    reason: AReason


class ExpectationShape(Shape):
    """One thing that must hold: exactly one of these."""

    sent: SentShape | None = None
    never: MessageShape | None = None
    total: TotalShape | None = None
    replied: RepliedShape | None = None
    quarantined: QuarantinedShape | None = None
    explained: ExplainedShape | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> "ExpectationShape":
        if len(self.model_fields_set) != 1:
            raise ValueError("write one of sent, never, total, replied, quarantined, explained")
        return self


class StoryShape(Shape):
    """A story: who, what happens, until when, and what must come of it."""

    id: Id
    title: str
    why: str | None = None
    people: dict[str, StoryPerson] | None = None
    heard: list[dict[str, Any]] = Field(min_length=1)
    until: Instant
    expect: list[ExpectationShape] = Field(min_length=1)


class StoriesShape(Shape):
    """A file of stories."""

    stories: list[StoryShape] = Field(min_length=1)
