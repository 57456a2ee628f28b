"""The shape of policy files. Unknown keys are refused; JSON Schemas for editors come from here."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from outreach.model.words import Basis, Channel, EventKind, Purpose, Role
from outreach.policy.rules.frequency_cap import Counts, Scope
from outreach.policy.rules.suppress_if import Fact
from outreach.policyfiles.words import parse_date

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
RuleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_-]*$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Duration = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,5} ?(d|h|min)$")]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9])?$")]
Days = Annotated[str, StringConstraints(pattern=r"^[A-Za-z, -]+$")]
Date = Annotated[
    date,
    BeforeValidator(lambda value: parse_date(value) if isinstance(value, str) else value),
    Field(json_schema_extra={"type": "string", "format": "date"}),
]


class Shape(BaseModel):
    """A mapping in a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)



def _enum(kind: Any) -> Any:
    """Let a strict model read an enumeration from its word."""
    return Annotated[kind, Field(strict=False)]


AChannel = _enum(Channel)
ARole = _enum(Role)
APurpose = _enum(Purpose)
ABasis = _enum(Basis)
AnEventKind = _enum(EventKind)


class WindowShape(Shape):
    """`days` name the day it opens; `to` before `from` runs into the next day."""

    days: Days
    begins: TimeOfDay = Field(alias="from")
    ends: TimeOfDay = Field(alias="to")


class RuleShape(Shape):
    """What every rule may say."""

    id: RuleId
    channels: list[AChannel] | None = Field(None, min_length=1, description="Left out: SMS, email and voice.")
    roles: list[ARole] | None = Field(None, min_length=1, description="Left out: the pack's roles.")
    purposes: list[APurpose] | None = Field(None, min_length=1, description="Left out: every purpose.")
    except_purposes: list[APurpose] = []
    creditors: list[Word] = Field([], description="An agency's own rules only.")
    portfolios: list[Word] = Field([], description="An agency's own rules only.")
    plays: list[Word] = Field([], description="An agency's own rules only.")
    effective_from: Date | None = Field(None, description="The first day it is in force.")
    effective_until: Date | None = Field(None, description="The last day it is in force.")
    cite: Text | None = None
    confidence: Text | None = None
    note: Text | None = None
    shadow: bool = Field(False, description="Evaluated and shown, but does not bind. Own rules only.")


class ContactWindowShape(RuleShape):
    kind: Literal["contact_window"]
    windows: list[WindowShape] = Field(min_length=1)
    zone: Word | None = Field(None, description="Left out: every zone the person may be in.")
    replaceable: bool = False


class BlackoutDatesShape(RuleShape):
    kind: Literal["blackout_dates"]
    days: list[Word] = Field(min_length=1)
    zone: Word | None = None


class FrequencyCapShape(RuleShape):
    kind: Literal["frequency_cap"]
    limit: int = Field(ge=1, le=10_000)
    within: Duration | Literal["calendar_month"]
    per: _enum(Scope) = Scope.PERSON  # type: ignore[valid-type]
    counts: _enum(Counts) = Counts.CONTACTS  # type: ignore[valid-type]
    counted_channels: list[AChannel] | None = Field(None, min_length=1, description="Left out: the rule's channels.")
    counted_purposes: list[APurpose] | None = Field(None, min_length=1)
    unanswered_count: bool = True
    to_work_address_only: bool = False


class SpacingShape(RuleShape):
    kind: Literal["spacing"]
    gap: Duration
    per: _enum(Scope) = Scope.PERSON  # type: ignore[valid-type]
    counted_channels: list[AChannel] | None = Field(None, min_length=1)
    unanswered_count: bool = True


class CooldownShape(RuleShape):
    kind: Literal["cooldown"]
    after: list[AnEventKind] = Field(min_length=1)
    rest: Duration


class RequireBasisShape(RuleShape):
    kind: Literal["require_basis"]
    any_of: list[ABasis] = Field(min_length=1)
    used_within: Duration | None = Field(None, description="How old the person's latest message may be.")


class RequireFreshNumberShape(RuleShape):
    kind: Literal["require_fresh_number"]
    within: Duration


class RequireNoticeShape(RuleShape):
    kind: Literal["require_notice"]
    notice: Word
    wait_days: int = Field(0, ge=0, le=366)


class WorkAddressShape(RuleShape):
    kind: Literal["work_address"]
    unless: list[ABasis] = []


class SuppressIfShape(RuleShape):
    kind: Literal["suppress_if"]
    fact: _enum(Fact)  # type: ignore[valid-type]
    reason: Literal[
        "consent_missing", "notice_missing", "number_check_stale", "channel_refused", "work_address",
        "unreachable", "hardship", "with_human",
    ]  # fmt: skip


class HoldShape(RuleShape):
    kind: Literal["hold"]
    until: Date | None = None


class ContentRequiredShape(RuleShape):
    kind: Literal["content_required"]
    blocks: list[Name | RuleId] = Field(min_length=1)


class ChannelOrderShape(RuleShape):
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
    rules: list[AnyRuleShape] = []


class PacksShape(Shape):
    always: list[Name] = Field([], description="Packs in force for everyone, besides those that follow from places.")
    drafts: list[Name] = Field([], description="Draft packs that bind where their jurisdictions do.")


class WaiverShape(Shape):
    """A pack's rule set aside: by name, with a reason and who decided."""

    rule: RuleName
    reason: Text
    decided_by: Word
    decided_on: Date
    until: Date | None = Field(None, description="The last day of the waiver.")


class PolicyShape(Shape):
    """An agency's policy.yaml."""

    policy: Word = Field(description="What this policy is called.")
    packs: PacksShape = PacksShape()
    waive: list[WaiverShape] = []
    rules: list[AnyRuleShape] = []
