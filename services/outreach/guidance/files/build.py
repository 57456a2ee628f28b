"""Builds the rules that the engine decides by from the shape of a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import singledispatch

from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.shapes import (
    BlackoutDatesShape,
    ChannelOrderShape,
    ContactWindowShape,
    ContentRequiredShape,
    CooldownShape,
    FrequencyCapShape,
    HoldShape,
    PackShape,
    PolicyShape,
    RequireBasisShape,
    RequireFreshNumberShape,
    RequireNoticeShape,
    RuleShape,
    SpacingShape,
    SuppressIfShape,
    WaiverShape,
    WorkAddressShape,
)
from outreach.guidance.files.spellings import WHOLE_DAY, weekly_window
from outreach.guidance.files.yaml_text import Document, Path
from outreach.model.words import Channel, Purpose, Reason, Role
from outreach.policy.policy import AnyRule, Pack, Waiver
from outreach.policy.recurring_days import RecurringDays
from outreach.policy.rules.basis import RequiresBasis
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.content import ChannelOrder, ContentRequired
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import FrequencyCap
from outreach.policy.rules.notice import RequiresNotice
from outreach.policy.rules.number_check import RequiresFreshNumber
from outreach.policy.rules.spacing import Spacing
from outreach.policy.rules.standstill import Standstill
from outreach.policy.rules.suppress_if import SuppressIf
from outreach.policy.rules.terms import ALL_CHANNELS, ALL_ROLES, Terms
from outreach.policy.rules.work_address import AvoidsWork
from outreach.policy.timetable import Timetable

#: What an agency's own rules are called before the dot.
OWN = "agency"


@dataclass(slots=True)
class _RulesBuilder:
    """Builds the rules of one file and gathers what is wrong with them."""

    document: Document
    pack: str
    roles: frozenset[Role]
    problems: list[Finding] = field(default_factory=list)

    def rules(self, shapes: Sequence[RuleShape]) -> Iterator[AnyRule]:
        seen: set[str] = set()
        for number, shape in enumerate(shapes):
            path: Path = ("rules", number)
            if shape.id in seen:
                self._refuse((*path, "id"), f"two rules are called `{shape.id}`", fix="give each its own id")
            seen.add(shape.id)
            self._check_reach(path, shape)
            try:
                yield _rule(shape, self._terms(shape))
            except ValueError as error:
                self._refuse(path, str(error))

    def _check_reach(self, path: Path, shape: RuleShape) -> None:
        begins, last = shape.effective_from, shape.effective_until
        if begins is not None and last is not None and last < begins:
            message = "the last day is before the first"
            self._refuse((*path, "effective_until"), message, fix="swap the two dates")
        if self.pack != OWN:
            for key in ("creditors", "portfolios", "plays", "places", "shadow"):
                if getattr(shape, key):
                    self._refuse((*path, key), f"`{key}` is for an agency's own rules", fix="take it out")
            for key in ("cite", "confidence"):
                if getattr(shape, key) is None:
                    self._refuse(path, f"`{key}` is missing", fix=f"say where rule `{shape.id}` comes from")

    def _terms(self, shape: RuleShape) -> Terms:
        return Terms(
            id=f"{self.pack}.{shape.id}",
            channels=_channels(shape.channels, ALL_CHANNELS),
            roles=self.roles if shape.roles is None else frozenset(shape.roles),
            purposes=_purposes(shape.purposes),
            except_purposes=frozenset(shape.except_purposes),
            creditors=frozenset(shape.creditors),
            portfolios=frozenset(shape.portfolios),
            plays=frozenset(shape.plays),
            places=frozenset(shape.places),
            effective_from=shape.effective_from,
            effective_until=shape.effective_until,
            cite=shape.cite or "",
            confidence=shape.confidence or "",
            read_on=shape.read_on,
            note=shape.note or "",
            shadow=shape.shadow,
        )

    def _refuse(self, path: Path, message: str, *, fix: str = "") -> None:
        self.problems.append(self.document.problem(path, message, fix))


def build_pack(document: Document, shape: PackShape) -> Pack:
    """Build a shipped pack.

    Raises:
        ConfigError: a rule cannot be built; every problem is listed.
    """
    builder = _RulesBuilder(document, shape.pack, frozenset(shape.roles))
    rules = tuple(builder.rules(shape.rules))
    if builder.problems:
        raise ConfigError(builder.problems)
    everywhere = shape.jurisdictions == "everywhere"
    return Pack(
        name=shape.pack,
        version=shape.version,
        title=shape.title,
        jurisdictions=frozenset() if everywhere else frozenset(shape.jurisdictions),
        rules=rules,
        everywhere=everywhere,
        draft=shape.status == "draft",
    )


def build_own_rules(document: Document, shape: PolicyShape) -> tuple[tuple[AnyRule, ...], Sequence[Finding]]:
    """Return the agency's own rules that can be built, and what is wrong with the others."""
    builder = _RulesBuilder(document, OWN, ALL_ROLES)
    rules = tuple(builder.rules(shape.rules))
    return rules, builder.problems


def build_waiver(shape: WaiverShape) -> Waiver:
    """Build what sets a pack's rule aside."""
    return Waiver(
        rule=shape.rule,
        reason=shape.reason,
        decided_by=shape.decided_by,
        decided_on=shape.decided_on,
        begins=shape.begins,
        until=shape.until,
    )


@singledispatch
def _rule(shape: RuleShape, terms: Terms) -> AnyRule:
    """Build the rule of a shape; each kind registers how."""
    raise AssertionError(f"no rule is built from {type(shape).__name__}, for {terms.id}")


@_rule.register
def _contact_window(shape: ContactWindowShape, terms: Terms) -> AnyRule:
    windows = tuple(window.window() for window in shape.windows)
    unnamed = frozenset(range(7)) - frozenset[int]().union(*(window.days for window in windows))
    if shape.other_days == "open" and unnamed:
        windows += (weekly_window(unnamed, 0, WHOLE_DAY),)
    timetable = Timetable(windows)
    return ContactWindow(terms=terms, timetable=timetable, zone=shape.zone, replaceable=shape.replaceable)


@_rule.register
def _blackout_dates(shape: BlackoutDatesShape, terms: Terms) -> AnyRule:
    return BlackoutDates(terms=terms, days=RecurringDays(tuple(shape.days)), zone=shape.zone)


@_rule.register
def _frequency_cap(shape: FrequencyCapShape, terms: Terms) -> AnyRule:
    return FrequencyCap(
        terms=terms,
        limit=shape.limit,
        window=shape.within,
        scope=shape.per,
        counts=shape.counts,
        counted_channels=_channels(shape.counted_channels, terms.channels),
        counted_purposes=_purposes(shape.counted_purposes),
        unanswered_count=shape.unanswered_count,
        to_work_address_only=shape.to_work_address_only,
    )


@_rule.register
def _spacing(shape: SpacingShape, terms: Terms) -> AnyRule:
    return Spacing(
        terms=terms,
        gap=shape.gap,
        scope=shape.per,
        counted_channels=_channels(shape.counted_channels, terms.channels),
        unanswered_count=shape.unanswered_count,
    )


@_rule.register
def _cooldown(shape: CooldownShape, terms: Terms) -> AnyRule:
    return Cooldown(terms=terms, events=frozenset(shape.after), rest=shape.rest)


@_rule.register
def _require_basis(shape: RequireBasisShape, terms: Terms) -> AnyRule:
    return RequiresBasis(terms=terms, any_of=frozenset(shape.any_of), used_within=shape.used_within)


@_rule.register
def _require_fresh_number(shape: RequireFreshNumberShape, terms: Terms) -> AnyRule:
    return RequiresFreshNumber(terms=terms, within=shape.within)


@_rule.register
def _require_notice(shape: RequireNoticeShape, terms: Terms) -> AnyRule:
    return RequiresNotice(terms=terms, notice=shape.notice, wait_days=shape.wait_days)


@_rule.register
def _work_address(shape: WorkAddressShape, terms: Terms) -> AnyRule:
    return AvoidsWork(terms=terms, unless=frozenset(shape.unless))


@_rule.register
def _suppress_if(shape: SuppressIfShape, terms: Terms) -> AnyRule:
    return SuppressIf(terms=terms, fact=shape.fact, reason=Reason(shape.reason), because=shape.because or "")


@_rule.register
def _hold(shape: HoldShape, terms: Terms) -> AnyRule:
    return Standstill(terms=terms, until=shape.until)


@_rule.register
def _content_required(shape: ContentRequiredShape, terms: Terms) -> AnyRule:
    return ContentRequired(terms=terms, blocks=tuple(shape.blocks))


@_rule.register
def _channel_order(shape: ChannelOrderShape, terms: Terms) -> AnyRule:
    return ChannelOrder(terms=terms, order=tuple(shape.order))


def _channels(named: Sequence[Channel] | None, otherwise: frozenset[Channel]) -> frozenset[Channel]:
    return otherwise if named is None else frozenset(named)


def _purposes(named: Sequence[Purpose] | None) -> frozenset[Purpose] | None:
    return None if named is None else frozenset(named)
