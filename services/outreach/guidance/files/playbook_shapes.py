"""Declares the shape of `playbook.yaml`; its schema and its reference come from here."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import Discriminator, Field, Tag, model_validator

from outreach.guidance.files.directory import AgencyShape, CreditorShape, PortfolioShape
from outreach.guidance.files.shapes import (
    WORD,
    AChannel,
    APurpose,
    Date,
    Duration,
    Shape,
    Spelled,
    TimeOfDay,
    Word,
)
from outreach.guidance.files.spellings import parse_number, parse_signed_duration, parse_zone
from outreach.model.playbook import Ending, Occasion

_SIGNED: Final = {"pattern": r"^[-+]?[0-9]{1,6} ?(d|h|min)$", "type": "string"}
_NUMBER: Final = {"pattern": r"^[0-9]+(\.[0-9]+)?$", "type": "string"}
SignedDuration = Annotated[timedelta, Spelled(parse_signed_duration, _SIGNED)]
Zone = Annotated[ZoneInfo, Spelled(parse_zone, {"type": "string"})]
Number = Annotated[Decimal, Spelled(parse_number, _NUMBER)]


class Dated(Shape):
    """What is so from one day until another, in the playbook's zone."""

    begins: Date | None = Field(None, alias="from", description="The first day.", examples=["2027-01-01"])
    until: Date | None = Field(None, description="The last day.", examples=["2027-03-31"])

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.begins is not None and self.until is not None and self.until < self.begins:
            raise ValueError("the last day is before the first; swap `from` and `until`")
        return self


class RepeatShape(Shape):
    """How a play repeats while nothing is heard; anything the person does starts the count again."""

    every: Duration = Field(description="How long after the first touch the second is due.", examples=["14d"])
    # Beyond tenfold a second pause is longer than anybody owes, and a third one than calendars.
    backoff: Annotated[Number, Field(gt=0, le=10)] = Field(
        Decimal(1),
        description="Each pause is so many times the one before it: with 1.5, 14 days, then 21.",
        examples=["1.5"],
        json_schema_extra={"default": "1"},
    )
    at_most: int = Field(
        ge=1, le=100, description="How many touches there are in all, the first one counted.", examples=[3]
    )


class ConditionsShape(Shape):
    """What must be true of the debt; all of it must. Left out means any."""

    creditors: list[Word] = Field(
        default_factory=list, description="Ids of creditors, as above.", examples=[["northwind"]]
    )
    portfolios: list[Word] = Field(
        default_factory=list, description="Portfolios, as events name them.", examples=[["clinic"]]
    )
    kinds: list[Word] = Field(
        default_factory=list,
        description="Kinds of debt, as `debt.placed` names them.",
        examples=[["medical"]],
    )
    minimum_balance: Number | None = Field(
        None,
        description="At least so much is owed, in the debt's currency. A balance nobody knows is not enough.",
        examples=["25.00"],
    )
    maximum_balance: Number | None = Field(
        None, description="At most so much is owed. A balance nobody knows is too much.", examples=["500.00"]
    )
    older_than: Duration | None = Field(
        None,
        description=(
            "When the touch falls due it is longer than this that the money is owed (`owed_since` of "
            "`debt.placed`, else since it was placed)."
        ),
        examples=["1095d"],
    )
    younger_than: Duration | None = Field(
        None, description="Likewise: it is no longer than this.", examples=["1095d"]
    )

    @model_validator(mode="after")
    def _leaves_somebody(self) -> Self:
        low, high = self.minimum_balance, self.maximum_balance
        if (low is not None and low < 0) or (high is not None and high < 0):
            raise ValueError("nobody owes less than nothing; leave the minus sign out")
        if low is not None and high is not None and high < low:
            raise ValueError("no balance is at least the minimum and at most the maximum; swap the two")
        if self.older_than and self.younger_than and self.younger_than <= self.older_than:
            raise ValueError("no debt is older than the one and younger than the other; swap the two")
        return self


def _form(value: Any) -> str:
    return "names" if isinstance(value, str | list) else "mapping"


#: Conditions themselves, or the names of some that stand under `conditions` at the top.
SomeConditions = Annotated[
    Annotated[ConditionsShape, Tag("mapping")] | Annotated[str | list[str], Tag("names")],
    Discriminator(_form),
]


class DatedWordingShape(Dated):
    """A wording that takes the place of the usual one for a time."""

    wording: Word = Field(description="Its name.", examples=["check_in_winter"])


class PlayShape(Dated):
    """A rule for planning touches: on this occasion, then, with these words."""

    on: Annotated[Occasion, WORD] = Field(
        description="What the play answers to: an event, a day that one named, or silence.",
        examples=["debt.quiet"],
    )
    purpose: APurpose = Field(
        description="Why people are written to; rules of the policy go by it.", examples=["check_in"]
    )
    wording: Word = Field(
        description="Which templates say it: `<wording>.sms.txt` and `<wording>.email.txt`.",
        examples=["check_in"],
    )
    instead: list[DatedWordingShape] = Field(
        default_factory=list,
        description="Other wordings for a time, by the day the touch is due; the first that fits is used.",
    )
    channels: list[AChannel] = Field(
        min_length=1,
        description="sms, email or both, the best first; what the person prefers comes before.",
        examples=[["email", "sms"]],
    )
    priority: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Which touch goes first where a cap leaves one: the smallest. Left out, by purpose.",
        examples=[50],
    )
    after: SignedDuration | None = Field(
        None,
        description="How long after the occasion it is due; before a day that is named `-3d`, on it `0d`.",
        examples=["10d"],
    )
    at: TimeOfDay = Field(
        10 * 3600,
        description="The hour, for occasions that are days, by the person's own clock where it is known.",
        examples=["09:00"],
        json_schema_extra={"default": "10:00"},
    )
    expires: Duration = Field(
        timedelta(days=7),
        description="How long after it is due it is still worth sending.",
        examples=["10d"],
        json_schema_extra={"default": "7d"},
    )
    patience: Duration = Field(
        timedelta(hours=24),
        description="How long a better channel is waited for.",
        examples=["24h"],
        json_schema_extra={"default": "24h"},
    )
    fallback: Duration | None = Field(
        None,
        description="After so long without an answer, or after a bounce, the next channel is tried once.",
        examples=["5d"],
    )
    repeat: RepeatShape | None = Field(None, description="Only with `on: debt.quiet`.")
    ends_on: list[Annotated[Ending, WORD]] = Field(
        default_factory=list,
        description="What makes the play pointless once it happened. A debt that closes always does.",
        examples=[["payment", "reply"]],
    )
    conditions: SomeConditions = Field(
        default_factory=ConditionsShape,
        description="What must be true of the debt, or the names of conditions at the top.",
        examples=[{"minimum_balance": "25.00"}],
    )
    dry_run: bool = Field(
        default=False,
        description="Decide and record all of it, and send nothing; `outreach dry-run` lists what it is.",
        examples=[True],
    )
    messages_an_hour: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="At most so many of its messages begin within any hour. The others wait for their turn.",
        examples=[100],
    )
    merge: bool = Field(
        default=True,
        description="Say what there is to say about several debts with one creditor in one message.",
        examples=[False],
    )


class PlaybookShape(Shape):
    """An agency's playbook.yaml."""

    agency: AgencyShape = Field(description="Who writes.")
    creditors: dict[str, CreditorShape] = Field(
        default_factory=dict, description="For whom, by the id that events and rules use."
    )
    portfolios: dict[str, PortfolioShape | None] = Field(
        default_factory=dict,
        description="Your portfolios by name, so that rules can be checked; and what is otherwise for one.",
    )
    zone: Zone = Field(
        description="Whose clock counts where a person's is not known.", examples=["America/Chicago"]
    )
    conditions: dict[str, ConditionsShape] = Field(
        default_factory=dict, description="Conditions by a name, for several plays."
    )
    plays: dict[str, PlayShape] = Field(description="Which touches follow which event, by a name.")
