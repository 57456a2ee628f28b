"""From the shape of a file to the values the engine decides by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from outreach.guidance.files.problems import ConfigError, Problem
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
from outreach.guidance.files.spellings import parse_duration, parse_window
from outreach.guidance.files.yaml_text import Document, Path
from outreach.model.words import Channel, Reason, Role
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
from outreach.policy.zones import zone

#: What an agency's own rules are called before the dot.
OWN = "agency"


@dataclass(slots=True)
class _Builder:
    """Builds the rules of one file and gathers what is wrong with them."""

    document: Document
    pack: str
    roles: frozenset[Role]
    problems: list[Problem]

    def rules(self, shapes: Sequence[RuleShape]) -> Iterator[AnyRule]:
        seen: set[str] = set()
        for number, shape in enumerate(shapes):
            path: Path = ("rules", number)
            if shape.id in seen:
                self._refuse((*path, "id"), f"two rules are called `{shape.id}`", "give each its own id")
            seen.add(shape.id)
            self._check_reach(path, shape)
            try:
                yield self._rule(path, shape)
            except ValueError as error:
                self._refuse(path, str(error))

    def _check_reach(self, path: Path, shape: RuleShape) -> None:
        begins, last = shape.effective_from, shape.effective_until
        if begins is not None and last is not None and last < begins:
            self._refuse((*path, "effective_until"), "the last day is before the first", "swap the two dates")
        if self.pack != OWN:
            for key in ("creditors", "portfolios", "plays", "shadow"):
                if getattr(shape, key):
                    self._refuse((*path, key), f"`{key}` is for an agency's own rules", "take it out")
            for key in ("cite", "confidence"):
                if getattr(shape, key) is None:
                    self._refuse(path, f"`{key}` is missing", f"say where rule `{shape.id}` comes from")

    def _rule(self, path: Path, shape: Any) -> AnyRule:  # noqa: C901, PLR0912 - one arm per kind
        terms = self._terms(shape)
        match shape:
            case ContactWindowShape():
                return ContactWindow(
                    terms=terms,
                    timetable=self._timetable(path, shape),
                    zone=self._zone(path, shape.zone),
                    replaceable=shape.replaceable,
                )
            case BlackoutDatesShape():
                return BlackoutDates(
                    terms=terms, days=self._days(path, shape), zone=self._zone(path, shape.zone)
                )
            case FrequencyCapShape():
                return _cap(terms, shape)
            case SpacingShape():
                return Spacing(
                    terms=terms,
                    gap=parse_duration(shape.gap),
                    scope=shape.per,
                    counted_channels=_channels(shape.counted_channels, terms.channels),
                    unanswered_count=shape.unanswered_count,
                )
            case CooldownShape():
                return Cooldown(terms=terms, events=frozenset(shape.after), rest=parse_duration(shape.rest))
            case RequireBasisShape():
                used = shape.used_within
                return RequiresBasis(
                    terms=terms,
                    any_of=frozenset(shape.any_of),
                    used_within=None if used is None else parse_duration(used),
                )
            case RequireFreshNumberShape():
                return RequiresFreshNumber(terms=terms, within=parse_duration(shape.within))
            case RequireNoticeShape():
                return RequiresNotice(terms=terms, notice=shape.notice, wait_days=shape.wait_days)
            case WorkAddressShape():
                return AvoidsWork(terms=terms, unless=frozenset(shape.unless))
            case SuppressIfShape():
                return SuppressIf(terms=terms, fact=shape.fact, reason=Reason(shape.reason))
            case HoldShape():
                return Standstill(terms=terms, until=shape.until)
            case ContentRequiredShape():
                return ContentRequired(terms=terms, blocks=tuple(shape.blocks))
            case ChannelOrderShape():
                return ChannelOrder(terms=terms, order=tuple(shape.order))
            case _:
                raise AssertionError(f"no rule is built from {type(shape).__name__}")

    def _terms(self, shape: RuleShape) -> Terms:
        return Terms(
            id=f"{self.pack}.{shape.id}",
            channels=_channels(shape.channels, ALL_CHANNELS),
            roles=self.roles if shape.roles is None else frozenset(shape.roles),
            purposes=None if shape.purposes is None else frozenset(shape.purposes),
            except_purposes=frozenset(shape.except_purposes),
            creditors=frozenset(shape.creditors),
            portfolios=frozenset(shape.portfolios),
            plays=frozenset(shape.plays),
            effective_from=shape.effective_from,
            effective_until=shape.effective_until,
            cite=shape.cite or "",
            confidence=shape.confidence or "",
            shadow=shape.shadow,
        )

    def _timetable(self, path: Path, shape: ContactWindowShape) -> Timetable:
        windows = []
        for number, each in enumerate(shape.windows):
            try:
                windows.append(parse_window(each.days, each.begins, each.ends))
            except ValueError as error:
                self._refuse((*path, "windows", number), str(error))
        return Timetable(tuple(windows))

    def _days(self, path: Path, shape: BlackoutDatesShape) -> RecurringDays:
        readable = []
        for number, each in enumerate(shape.days):
            try:
                RecurringDays((each,))
            except ValueError as error:
                self._refuse((*path, "days", number), str(error))
            else:
                readable.append(each)
        return RecurringDays(tuple(readable))

    def _zone(self, path: Path, name: str | None) -> str | None:
        if name is not None:
            try:
                zone(name)
            except (KeyError, ValueError, OSError):
                self._refuse(
                    (*path, "zone"), f"{name!r} is no time zone", 'write a name such as "America/New_York"'
                )
        return name

    def _refuse(self, path: Path, message: str, fix: str = "") -> None:
        self.problems.append(self.document.problem(path, message, fix))


def build_pack(document: Document, shape: PackShape) -> Pack:
    """Build a shipped pack.

    Raises:
        ConfigError: a rule cannot be built; every problem is listed.
    """
    builder = _Builder(document, shape.pack, frozenset(shape.roles), [])
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


def build_own_rules(document: Document, shape: PolicyShape) -> tuple[AnyRule, ...]:
    """Build the agency's own rules.

    Raises:
        ConfigError: a rule cannot be built; every problem is listed.
    """
    builder = _Builder(document, OWN, ALL_ROLES, [])
    rules = tuple(builder.rules(shape.rules))
    if builder.problems:
        raise ConfigError(builder.problems)
    return rules


def build_waiver(shape: WaiverShape) -> Waiver:
    return Waiver(
        rule=shape.rule,
        reason=shape.reason,
        decided_by=shape.decided_by,
        decided_on=shape.decided_on,
        until=shape.until,
    )


def _cap(terms: Terms, shape: FrequencyCapShape) -> FrequencyCap:
    purposes = shape.counted_purposes
    return FrequencyCap(
        terms=terms,
        limit=shape.limit,
        window=None if shape.within == "calendar_month" else parse_duration(shape.within),
        scope=shape.per,
        counts=shape.counts,
        counted_channels=_channels(shape.counted_channels, terms.channels),
        counted_purposes=None if purposes is None else frozenset(purposes),
        unanswered_count=shape.unanswered_count,
        to_work_address_only=shape.to_work_address_only,
    )


def _channels(named: Sequence[Channel] | None, otherwise: frozenset[Channel]) -> frozenset[Channel]:
    return otherwise if named is None else frozenset(named)
