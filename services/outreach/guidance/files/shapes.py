"""Declares the shape of policy files; refuses unknown keys. JSON Schemas for editors come from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from outreach.guidance.files.places import parse_place
from outreach.guidance.files.spellings import (
    parse_date,
    parse_days,
    parse_duration,
    parse_span,
    parse_time,
    parse_zone_name,
    weekly_window,
)
from outreach.model.window import WeeklyWindow
from outreach.model.words import Basis, Channel, EventKind, Purpose, Role
from outreach.policy.place import Place
from outreach.policy.recurring_days import RecurringDays
from outreach.policy.rules.frequency_cap import Counts, Scope
from outreach.policy.rules.suppress_if import Fact

_DURATION: Final = {"pattern": r"^[1-9][0-9]{0,5} ?(d|h|min)$", "type": "string"}


@dataclass(frozen=True, slots=True, eq=False)
class Spelled:
    """A value that files spell as text: `read` makes it, `schema` tells editors how it is spelled."""

    read: Callable[[str], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic checks the field."""
        return core_schema.no_info_plain_validator_function(self._value)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return how editors check the field."""
        return dict(self.schema)

    def _value(self, text: object) -> Any:
        if not isinstance(text, str):
            raise PydanticKnownError("string_type")
        return self.read(text)


def _recurring_day(text: str) -> str:
    RecurringDays((text,))
    return text


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
RuleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_-]*$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ZoneName = Annotated[Word, AfterValidator(parse_zone_name)]
RecurringDay = Annotated[Word, AfterValidator(_recurring_day)]
Duration = Annotated[timedelta, Spelled(parse_duration, _DURATION)]
#: None is the calendar month.
CapSpan = Annotated[
    timedelta | None,
    Spelled(parse_span, {"anyOf": [_DURATION, {"const": "calendar_month", "type": "string"}]}),
]
TimeOfDay = Annotated[
    int,
    Spelled(parse_time, {"pattern": "^([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9])?$", "type": "string"}),
]
Days = Annotated[frozenset[int], Spelled(parse_days, {"pattern": "^[A-Za-z, -]+$", "type": "string"})]
Date = Annotated[date, Spelled(parse_date, {"format": "date", "type": "string"})]
APlace = Annotated[
    Place,
    Spelled(
        parse_place,
        {"pattern": "^[A-Z]{2}(-.+| [0-9A-Za-z ]+(-[0-9A-Za-z ]+)?)?$", "type": "string"},
    ),
]


class Shape(BaseModel):
    """A mapping in a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


#: Even a strict model reads an enumeration from its word.
WORD: Final = Field(strict=False)
AChannel: TypeAlias = Annotated[Channel, WORD]
ARole: TypeAlias = Annotated[Role, WORD]
APurpose: TypeAlias = Annotated[Purpose, WORD]
ABasis: TypeAlias = Annotated[Basis, WORD]
AnEventKind: TypeAlias = Annotated[EventKind, WORD]
AScope: TypeAlias = Annotated[Scope, WORD]
ACounts: TypeAlias = Annotated[Counts, WORD]
AFact: TypeAlias = Annotated[Fact, WORD]


class WindowShape(Shape):
    """`days` name the day it opens; `to` before `from` runs into the next day."""

    days: Days
    begins: TimeOfDay = Field(alias="from")
    ends: TimeOfDay = Field(alias="to")

    @model_validator(mode="after")
    def _has_two_ends(self) -> "WindowShape":
        self.window()
        return self

    def window(self) -> WeeklyWindow:
        """Return the window as the engine knows it."""
        return weekly_window(self.days, self.begins, self.ends)


class RuleShape(Shape):
    """What every rule may say."""

    id: RuleId
    channels: list[AChannel] | None = Field(None, min_length=1, description="Left out: SMS, email and voice.")
    roles: list[ARole] | None = Field(None, min_length=1, description="Left out: the pack's roles.")
    purposes: list[APurpose] | None = Field(None, min_length=1, description="Left out: every purpose.")
    except_purposes: list[APurpose] = Field(default_factory=list)
    creditors: list[Word] = Field(default_factory=list, description="An agency's own rules only.")
    portfolios: list[Word] = Field(default_factory=list, description="An agency's own rules only.")
    plays: list[Word] = Field(default_factory=list, description="An agency's own rules only.")
    places: list[APlace] = Field(
        default_factory=list,
        description="Where the person may be. An agency's own rules only. Left out: everywhere.",
    )
    effective_from: Date | None = Field(None, description="The first day it is in force.")
    effective_until: Date | None = Field(None, description="The last day it is in force.")
    cite: Text | None = None
    confidence: Text | None = None
    read_on: Date | None = Field(None, description="The day on which somebody last read the source.")
    note: Text | None = None
    shadow: bool = Field(default=False, description="Evaluated and shown, but does not bind. Own rules only.")


class ContactWindowShape(RuleShape):
    """Weekly windows outside which a message waits."""

    kind: Literal["contact_window"]
    windows: list[WindowShape] = Field(min_length=1)
    zone: ZoneName | None = Field(None, description="Left out: every zone the person may be in.")
    replaceable: bool = False
    other_days: Literal["open", "closed"] | None = Field(
        None, description="What days are that no window names: closed, if nothing is said."
    )


class BlackoutDatesShape(RuleShape):
    """Days on which a message waits; `policy.recurring_days` has their spelling."""

    kind: Literal["blackout_dates"]
    days: list[RecurringDay] = Field(min_length=1)
    zone: ZoneName | None = None


class FrequencyCapShape(RuleShape):
    """So many contacts in so long."""

    kind: Literal["frequency_cap"]
    limit: int = Field(ge=1, le=10_000)
    within: CapSpan
    per: AScope = Scope.PERSON
    counts: ACounts = Counts.CONTACTS
    counted_channels: list[AChannel] | None = Field(
        None, min_length=1, description="Left out: the rule's channels."
    )
    counted_purposes: list[APurpose] | None = Field(None, min_length=1)
    unanswered_count: bool = True
    to_work_address_only: bool = False


class SpacingShape(RuleShape):
    """So long between two contacts."""

    kind: Literal["spacing"]
    gap: Duration
    per: AScope = Scope.PERSON
    counted_channels: list[AChannel] | None = Field(None, min_length=1)
    unanswered_count: bool = True


class CooldownShape(RuleShape):
    """So long after an event."""

    kind: Literal["cooldown"]
    after: list[AnEventKind] = Field(min_length=1)
    rest: Duration


class RequireBasisShape(RuleShape):
    """A right to use the channel."""

    kind: Literal["require_basis"]
    any_of: list[ABasis] = Field(min_length=1)
    used_within: Duration | None = Field(None, description="How old the person's latest message may be.")


class RequireFreshNumberShape(RuleShape):
    """A number known to be still the person's."""

    kind: Literal["require_fresh_number"]
    within: Duration


class RequireNoticeShape(RuleShape):
    """A written notice, and a wait after it."""

    kind: Literal["require_notice"]
    notice: Word
    wait_days: int = Field(0, ge=0, le=366)


class WorkAddressShape(RuleShape):
    """Nothing to the employer."""

    kind: Literal["work_address"]
    unless: list[ABasis] = Field(default_factory=list)


class SuppressIfShape(RuleShape):
    """A fact that stops a message."""

    kind: Literal["suppress_if"]
    fact: AFact
    reason: Literal[
        "consent_missing", "notice_missing", "number_check_stale", "channel_refused", "work_address",
        "unreachable", "hardship", "with_human", "opted_out", "agency_decision",
    ] = "agency_decision"  # fmt: skip
    because: Text | None = Field(None, description="Why, in your own words; explanations show it.")

    @model_validator(mode="after")
    def _closes_only_for_an_opt_out(self) -> Self:
        if self.reason == "opted_out" and self.fact not in {Fact.OPTED_OUT_ANYWHERE, Fact.OPTED_OUT_OF_TEXTS}:
            raise ValueError("reason: opted_out goes with a fact that is an opt-out")
        return self


class HoldShape(RuleShape):
    """Everything the rule is about stands still."""

    kind: Literal["hold"]
    until: Date | None = None


class ContentRequiredShape(RuleShape):
    """What wording must say."""

    kind: Literal["content_required"]
    blocks: list[Name | RuleId] = Field(min_length=1)


class ChannelOrderShape(RuleShape):
    """The order in which channels are tried."""

    kind: Literal["channel_order"]
    order: list[AChannel] = Field(min_length=1)


AnyRuleShape = Annotated[
    ContactWindowShape
    | BlackoutDatesShape
    | FrequencyCapShape
    | SpacingShape
    | CooldownShape
    | RequireBasisShape
    | RequireFreshNumberShape
    | RequireNoticeShape
    | WorkAddressShape
    | SuppressIfShape
    | HoldShape
    | ContentRequiredShape
    | ChannelOrderShape,
    Field(discriminator="kind"),
]


class PackShape(Shape):
    """A pack file."""

    pack: Name
    version: Word
    status: Literal["in_force", "draft"]
    title: Word
    legal: Text = Field(description="That this is not legal advice.")
    roles: list[ARole] = Field(min_length=1)
    jurisdictions: list[Word] | Literal["everywhere"]
    rules: list[AnyRuleShape] = Field(default_factory=list)


class PacksShape(Shape):
    """Which packs are in force besides those that follow from places."""

    always: list[Name] = Field(default_factory=list, description="Packs in force for everyone.")
    drafts: list[Name] = Field(
        default_factory=list, description="Draft packs that bind where their jurisdictions do."
    )


class WaiverShape(Shape):
    """A pack's rule set aside: by name, with a reason and who decided."""

    rule: RuleName
    reason: Text
    decided_by: Word
    decided_on: Date
    begins: Date | None = Field(None, alias="from", description="The first day of the waiver.")
    until: Date | None = Field(None, description="The last day of the waiver.")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.begins is not None and self.until is not None and self.until < self.begins:
            raise ValueError("the last day of the waiver is before its first")
        return self


class PolicyShape(Shape):
    """An agency's policy.yaml."""

    policy: Word = Field(description="What this policy is called.")
    packs: PacksShape = Field(default_factory=PacksShape)
    waive: list[WaiverShape] = Field(default_factory=list)
    rules: list[AnyRuleShape] = Field(default_factory=list)
