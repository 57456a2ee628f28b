"""The shape of case files, as policy-cases/README has it."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from outreach.model.words import CheckResult, ContactOutcome, Direction, EventKind, HoldKind, Reason
from outreach.policyfiles.moments import parse_instant, parse_moment
from outreach.policyfiles.shapes import (
    ABasis,
    AChannel,
    APurpose,
    ARole,
    Days,
    Shape,
    Text,
    TimeOfDay,
    Word,
    _enum,
)


def _checked(parse: object) -> AfterValidator:
    def check(text: str) -> str:
        parse(text)  # type: ignore[operator]
        return text

    return AfterValidator(check)


def _decimal(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f'{text!r} is no amount; write "140.00"') from None
    if not amount.is_finite():
        raise ValueError(f'{text!r} is no amount; write "140.00"')
    return amount


def _day(text: str) -> object:
    if len(text) != len("2026-06-15"):
        raise ValueError(f'{text!r} is not a date; write "2026-06-15"')
    return parse_moment(text)


Instant = Annotated[str, _checked(parse_instant)]
Moment = Annotated[str, _checked(parse_moment)]
Day = Annotated[str, _checked(_day)]
Amount = Annotated[str, _checked(_decimal)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]


class CaseWindow(Shape):
    """A weekly window of the person's."""

    days: Days
    begins: TimeOfDay = Field(alias="from")
    ends: TimeOfDay = Field(alias="to")


class TouchShape(Shape):
    channel: AChannel
    purpose: APurpose
    debt: Word | None = None
    in_reply_to: Instant | None = None
    expires_at: Instant | None = None
    key: Word | None = None
    creditor: Word | None = None
    portfolio: Word | None = None
    play: Word | None = None


class AddressShape(Shape):
    country: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")]
    region: str | None = None
    postal_code: str | None = None


class PersonShape(Shape):
    address: AddressShape | None = None
    phones: list[Phone] = []
    emails: list[str] = []
    zones: list[Word] = []
    convenient: list[CaseWindow] = []
    inconvenient: list[CaseWindow] = []
    refused_channels: list[AChannel] = []
    language: str | None = None


class ConsentShape(Shape):
    basis: ABasis
    at: Moment | None = None


class NumberCheckShape(Shape):
    at: Moment
    result: _enum(CheckResult)  # type: ignore[valid-type]


class OptOutShape(Shape):
    channel: AChannel
    at: Moment | None = None


class InboundShape(Shape):
    channel: AChannel
    at: Moment
    text: str


class HoldShape(Shape):
    kind: _enum(HoldKind)  # type: ignore[valid-type]
    since: Moment | None = None
    until: Moment | None = None
    days: int | None = Field(None, ge=0, le=36_500)


class EventShape(Shape):
    kind: _enum(EventKind)  # type: ignore[valid-type]
    at: Moment


class FactsShape(Shape):
    consents: dict[AChannel, ConsentShape | list[ConsentShape]] = {}
    last_inbound: dict[AChannel, Moment] = {}
    number_check: NumberCheckShape | None = None
    opt_outs: list[OptOutShape] = []
    inbound: list[InboundShape] = []
    work_address: list[AChannel] = []
    holds: list[HoldShape] = []
    notices: dict[str, Day] = {}
    events: list[EventShape] = []
    validation_period_ends: Day | None = None
    balance: Amount | None = None
    unavailable: bool = False


class ContactShape(Shape):
    at: Moment
    channel: AChannel
    debt: Word | None = None
    purpose: APurpose | None = None
    outcome: _enum(ContactOutcome) | None = None  # type: ignore[valid-type]
    direction: _enum(Direction) = Direction.OUTBOUND  # type: ignore[valid-type]
    in_reply_to: Instant | None = None
    key: Word | None = None
    creditor: Word | None = None


class ExpectShape(Shape):
    decision: Literal["send", "defer", "suppress"]
    until: Instant | None = None
    reason: _enum(Reason) | None = None  # type: ignore[valid-type]

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
    packs: list[Word] | None = Field(None, description="Left out: house and every pack of every plausible place.")
    role: ARole
    touch: TouchShape
    person: PersonShape = PersonShape()
    facts: FactsShape = FactsShape()
    history: list[ContactShape] = []
    expect: ExpectShape
    why: str | None = None
    cite: list[str] | str | None = None
    confidence: str | None = None


class CasesShape(Shape):
    """A case file."""

    cases: list[CaseShape]
