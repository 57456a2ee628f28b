"""The rules in force: shipped packs and the agency's own policy, built once, named by its content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, TypeAlias

from outreach.model.person import Wishes
from outreach.model.window import WeeklyWindow
from outreach.model.words import Role
from outreach.policy.evidence import Places
from outreach.policy.hours import Hours
from outreach.policy.place import Place
from outreach.policy.rules.availability import NeedsReadableFacts
from outreach.policy.rules.balance import NeedsSomethingDue
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.content import ChannelOrder, ContentRequired
from outreach.policy.rules.duplicates import NeverRepeats
from outreach.policy.rules.expiry import DropsWhatExpired
from outreach.policy.rules.holds import RespectsHolds
from outreach.policy.rules.location import NeedsALocation
from outreach.policy.rules.opt_outs import ConfirmsAnOptOutOnce, RespectsOptOuts
from outreach.policy.rules.reassigned_number import NeverTextsAReassignedNumber
from outreach.policy.rules.refused_channels import RespectsRefusedChannels
from outreach.policy.rules.replies import ConfirmsPromptly
from outreach.policy.rules.terms import Rule
from outreach.policy.rules.unread import ReadsRepliesFirst
from outreach.policy.situation import Situation, Subject

#: Rules without an answer of their own: hours are asked together, content and order permit nothing.
_NOT_ASKED: Final = (ContactWindow, BlackoutDates, ContentRequired, ChannelOrder)

AnyRule: TypeAlias = Rule | ContactWindow | BlackoutDates | ContentRequired | ChannelOrder

#: What the engine answers for itself, whatever packs are in force. Nothing sets these aside.
ENGINE: Final[tuple[Rule, ...]] = (
    NeedsReadableFacts(),
    NeedsALocation(),
    ReadsRepliesFirst(),
    DropsWhatExpired(),
    NeverRepeats(),
    NeedsSomethingDue(),
    RespectsOptOuts(),
    ConfirmsAnOptOutOnce(),
    ConfirmsPromptly(),
    RespectsRefusedChannels(),
    NeverTextsAReassignedNumber(),
    RespectsHolds(),
)

#: The pack of our own good manners: what it asks for is more than the law does.
HOUSE: Final = "house"

#: The most that a policy remembers of each kind; past it, it forgets everything and starts again.
_SELECTIONS: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A named, versioned set of rules for a jurisdiction or an agency. Not legal advice.

    It binds people who may be in one of its `jurisdictions`; with `everywhere`, all people. A
    `draft` is never in force unless a policy, or a question, names it.
    """

    name: str
    version: str
    title: str
    jurisdictions: frozenset[str]
    rules: tuple[AnyRule, ...]
    everywhere: bool = False
    draft: bool = False

    @property
    def caution(self) -> str:
        """Say in what way the pack is less sure than others; empty if it is not."""
        if self.draft:
            return f"pack `{self.name}` is a draft that nobody has checked against the law, and it binds"
        disputed = sum(rule.terms.is_disputed for rule in self.rules)
        if not disputed:
            return ""
        rules = "a rule" if disputed == 1 else f"{disputed} rules"
        return f"pack `{self.name}` has {rules} about which sources disagree; the strict side is taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A pack's rule set aside by name; shown in every explanation.

    `begins` and `until` are its first and its last day.
    """

    rule: str
    reason: str
    decided_by: str
    decided_on: date
    begins: date | None = None
    until: date | None = None

    @property
    def is_of_law(self) -> bool:
        """True where the rule is not one of our own good manners."""
        return not self.rule.startswith(f"{HOUSE}.")

    @property
    def warning(self) -> str:
        """Say what is set aside, why and by whom."""
        begins = "" if self.begins is None else f" from {self.begins}"
        ends = "" if self.until is None else f" until {self.until}"
        return (
            f"`{self.rule}` is a rule of law and is set aside{begins}{ends}: {self.reason} "
            f"(decided by {self.decided_by} on {self.decided_on})"
        )

    def is_in_force(self, day: date) -> bool:
        return (self.begins is None or self.begins <= day) and (self.until is None or day <= self.until)


class Selection:
    """The rules that are about one kind of message; compared by identity."""

    __slots__ = ("blackouts", "blocks", "contents", "orders", "packs", "rules", "windows")

    def __init__(self, packs: tuple[str, ...], rules: tuple[AnyRule, ...]) -> None:
        self.packs = packs
        self.windows = tuple(rule for rule in rules if isinstance(rule, ContactWindow))
        self.blackouts = tuple(rule for rule in rules if isinstance(rule, BlackoutDates))
        self.contents = tuple(rule for rule in rules if isinstance(rule, ContentRequired))
        self.blocks = frozenset(block for rule in self.contents for block in rule.blocks)
        self.orders = tuple(rule for rule in rules if isinstance(rule, ChannelOrder))
        self.rules: tuple[Rule, ...] = tuple(rule for rule in rules if not isinstance(rule, _NOT_ASKED))

    def hours(self, zones: frozenset[str], wishes: Wishes) -> Hours:
        """Return all windows together for these zones and wishes, remembered."""
        return _hours(self, zones, wishes.convenient, wishes.inconvenient)


@lru_cache(maxsize=2048)
def _hours(
    selection: Selection,
    zones: frozenset[str],
    convenient: tuple[WeeklyWindow, ...],
    inconvenient: tuple[WeeklyWindow, ...],
) -> Hours:
    wishes = Wishes(convenient=convenient, inconvenient=inconvenient)
    return Hours(selection.windows, selection.blackouts, zones=zones, wishes=wishes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything a deployment decides by.

    `own` are the agency's rules, shadow ones among them; `always` are packs it puts in force for
    everyone, `drafts` those draft packs it lets bind like the others. `version` is a hash of all
    content, of the compiled zone tables and of the time zone data.
    """

    version: str
    packs: Mapping[str, Pack]
    own: tuple[AnyRule, ...] = ()
    always: tuple[str, ...] = ()
    drafts: frozenset[str] = frozenset()
    waivers: tuple[Waiver, ...] = ()
    _selections: dict[object, Selection] = field(default_factory=dict, init=False, repr=False, compare=False)
    _in_force: dict[frozenset[str], tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _asked: dict[tuple[str, ...], tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _named: frozenset[str] = field(default=frozenset(), init=False, repr=False, compare=False)
    _places: tuple[Place, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = frozenset[str]().union(
            *(own.terms.creditors | own.terms.portfolios | own.terms.plays for own in self.own)
        )
        object.__setattr__(self, "_named", named)
        places = frozenset[Place]().union(*(own.terms.places for own in self.own))
        object.__setattr__(self, "_places", tuple(places))

    def packs_in_force(self, jurisdictions: frozenset[str]) -> tuple[str, ...]:
        """Return the packs that follow from where a person may be, and those always in force."""
        packs = self._in_force.get(jurisdictions)
        if packs is None:
            if len(self._in_force) >= _SELECTIONS:
                self._in_force.clear()
            packs = self._in_force[jurisdictions] = tuple(
                sorted(
                    name
                    for name, pack in self.packs.items()
                    if name in self.always
                    or (
                        (not pack.draft or name in self.drafts)
                        and (pack.everywhere or pack.jurisdictions & jurisdictions)
                    )
                )
            )
        return packs

    def packs_asked(self, situation: Situation, jurisdictions: frozenset[str]) -> tuple[str, ...]:
        """Return the packs in force for a situation: those it names, else those that follow from places.

        Raises:
            LookupError: the situation names a pack that does not exist.
        """
        if situation.packs is None:
            return self.packs_in_force(jurisdictions)
        packs = self._asked.get(situation.packs)
        if packs is None:
            if unknown := sorted(set(situation.packs) - self.packs.keys()):
                raise LookupError(f"no pack named {', '.join(unknown)}")
            if len(self._asked) >= _SELECTIONS:
                self._asked.clear()
            packs = self._asked[situation.packs] = tuple(sorted({*situation.packs, *self.always}))
        return packs

    def select(self, situation: Situation, places: Places) -> Selection:
        """Return the rules that bind such a message: the engine's, the packs' and the agency's own."""
        subject = situation.subject
        packs = self.packs_asked(situation, places.jurisdictions)
        key = (
            packs,
            situation.role,
            subject.channel,
            subject.purpose,
            *(
                name if name in self._named else None
                for name in (subject.creditor, subject.portfolio, subject.play)
            ),
            *(place.may_hold(places) for place in self._places),
        )
        selection = self._selections.get(key)
        if selection is None:
            if len(self._selections) >= _SELECTIONS:
                self._selections.clear()
            rules = self.rules_binding(packs, subject, situation.role, places=places)
            selection = self._selections[key] = Selection(packs, rules)
        return selection

    def rules_binding(
        self, packs: tuple[str, ...], subject: Subject, role: Role, *, places: Places, shadow: bool = False
    ) -> tuple[AnyRule, ...]:
        """Return the rules about such a message, with `shadow` those too that only watch."""
        candidates = (*ENGINE, *self.rules_of(packs))
        return tuple(
            candidate
            for candidate in candidates
            if (shadow or not candidate.terms.shadow) and candidate.terms.bind(subject, role, places)
        )

    def cautions(self, packs: tuple[str, ...], day: date) -> tuple[str, ...]:
        """Say what of these packs is set aside though it is law, or is less sure than other packs."""
        waived = (
            waiver.warning
            for waiver in self.waivers
            if waiver.is_of_law and waiver.is_in_force(day) and waiver.rule.partition(".")[0] in packs
        )
        return (*waived, *(caution for name in packs if (caution := self.packs[name].caution)))

    def rules_of(self, packs: tuple[str, ...]) -> tuple[AnyRule, ...]:
        """Return every rule of these packs and of the agency, whatever it is about."""
        return (*(rule for name in packs for rule in self.packs[name].rules), *self.own)
