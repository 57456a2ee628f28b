"""Declares the shape of case files."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import (
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from outreach.guidance.files.shapes import (
    WORD,
    ABasis,
    AChannel,
    APurpose,
    ARole,
    Shape,
    Spelled,
    Text,
    WindowShape,
    Word,
    ZoneName,
)
from outreach.guidance.files.spellings import parse_date, parse_instant, parse_moment, parse_number
from outreach.model.words import CheckResult, ContactOutcome, Direction, EventKind, HoldKind, Reason
from schemas.regions import region_code

_TEXT: Final = {"type": "string"}

Instant = Annotated[datetime, Spelled(parse_instant, _TEXT)]
Moment = Annotated[datetime | date, Spelled(parse_moment, _TEXT)]
Day = Annotated[date, Spelled(parse_date, _TEXT)]
Amount = Annotated[Decimal, Spelled(parse_number, _TEXT)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]


class CaseWindow(WindowShape):
    """A weekly window of the person's."""


class TouchShape(Shape):
    """The message that is asked about."""

    channel: AChannel
    purpose: APurpose
    debt: Word | None = None
    in_reply_to: Instant | None = None
    agreed_at: Instant | None = None
    expires_at: Instant | None = None
    key: Word | None = None
    creditor: Word | None = None
    portfolio: Word | None = None
    play: Word | None = None


class AddressShape(Shape):
    """A postal address, as far as it says where somebody is."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")]
    region: str | None = None
    postal_code: str | None = None

    @field_validator("region")
    @classmethod
    def _as_its_country_codes_it(cls, region: str | None, info: ValidationInfo) -> str | None:
        """Read an old or spelled-out region as its code, as the events' reader does."""
        country = str(info.data.get("country", "")).upper()
        return region if region is None else region_code(country, region)


class PersonShape(Shape):
    """Where the person may be and what they wish."""

    address: AddressShape | None = None
    phones: list[Phone] = Field(default_factory=list)
    emails: list[str] = Field(default_factory=list)
    zones: list[ZoneName] = Field(default_factory=list)
    convenient: list[CaseWindow] = Field(default_factory=list)
    inconvenient: list[CaseWindow] = Field(default_factory=list)
    refused_channels: list[AChannel] = Field(default_factory=list)
    language: str | None = None


class ConsentShape(Shape):
    """A right to use a channel."""

    basis: ABasis
    at: Moment | None = None


class NumberCheckShape(Shape):
    """The latest reassigned-number check."""

    at: Moment
    result: Annotated[CheckResult, WORD]


class OptOutShape(Shape):
    """A channel that the person closed."""

    channel: AChannel
    at: Moment | None = None


class InboundShape(Shape):
    """A raw message from the person."""

    channel: AChannel
    at: Moment
    text: str


class CaseHoldShape(Shape):
    """A fact that stops contact."""

    kind: Annotated[HoldKind, WORD]
    since: Moment | None = None
    until: Moment | None = None
    days: int | None = Field(None, ge=0, le=36_500)


class EventShape(Shape):
    """What a cooldown counts from."""

    kind: Annotated[EventKind, WORD]
    at: Moment


class FactsShape(Shape):
    """What is known; what is left out is known to be none."""

    consents: dict[AChannel, ConsentShape | list[ConsentShape]] = Field(default_factory=dict)
    last_inbound: dict[AChannel, Moment] = Field(default_factory=dict)
    number_check: NumberCheckShape | None = None
    opt_outs: list[OptOutShape] = Field(default_factory=list)
    inbound: list[InboundShape] = Field(default_factory=list)
    work_address: list[AChannel] = Field(default_factory=list)
    holds: list[CaseHoldShape] = Field(default_factory=list)
    notices: dict[str, Day] = Field(default_factory=dict)
    events: list[EventShape] = Field(default_factory=list)
    validation_period_ends: Day | None = None
    balance: Amount | None = None
    unavailable: bool = False


class ContactShape(Shape):
    """An earlier contact."""

    at: Moment
    channel: AChannel
    debt: Word | None = None
    purpose: APurpose | None = None
    outcome: Annotated[ContactOutcome, WORD] | None = None
    direction: Annotated[Direction, WORD] = Direction.OUTBOUND
    in_reply_to: Instant | None = None
    key: Word | None = None
    creditor: Word | None = None


class ExpectShape(Shape):
    """The expected answer; `reason` must be among those given."""

    decision: Literal["send", "defer", "suppress"]
    until: Instant | None = None
    reason: Annotated[Reason, WORD] | None = None

    @model_validator(mode="after")
    def _says_enough(self) -> "ExpectShape":
        if (self.decision == "defer") != (self.until is not None):
            raise ValueError("`until` belongs to `decision: defer`, and only there")
        if (self.decision == "send") == (self.reason is not None):
            raise ValueError("`reason` belongs to `decision: defer` and `decision: suppress`, and only there")
        return self


class CaseShape(Shape):
    """One question and its answer."""

    id: Word
    title: Text = ""
    at: Instant
    packs: list[Word] | None = Field(None, description="Left out: those of every plausible place.")
    role: ARole
    touch: TouchShape
    person: PersonShape = Field(default_factory=PersonShape)
    facts: FactsShape = Field(default_factory=FactsShape)
    history: list[ContactShape] = Field(default_factory=list)
    expect: ExpectShape
    why: str | None = None
    cite: list[str] | str | None = None
    confidence: str | None = None


class CasesShape(Shape):
    """A case file."""

    cases: list[CaseShape]
