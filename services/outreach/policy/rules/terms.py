"""What every rule has: a name, whom and what it binds, when it is in force, and where it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from outreach.model.words import Channel, Purpose, Role
from outreach.policy.evidence import Places
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.place import Place
from outreach.policy.situation import Subject

#: What "all" channels means: a letter is never held back and never counts.
ALL_CHANNELS = frozenset({Channel.SMS, Channel.EMAIL, Channel.VOICE})
ALL_ROLES = frozenset(Role)
#: How the confidence in a rule begins about which sources disagree.
DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A rule's name and reach.

    `id` is `pack.rule`. `purposes` None means every purpose; creditors, portfolios and plays left
    empty mean all of them, and `places` everywhere. `effective_from` and `effective_until` are the
    first and the last day.
    `read_on` is the day on which somebody last read the source that `cite` names; None: never.
    A `shadow` rule is evaluated and shown but does not bind. `dated` rules are not always in force.
    """

    id: str
    channels: frozenset[Channel] = ALL_CHANNELS
    roles: frozenset[Role] = ALL_ROLES
    purposes: frozenset[Purpose] | None = None
    except_purposes: frozenset[Purpose] = frozenset()
    creditors: frozenset[str] = frozenset()
    portfolios: frozenset[str] = frozenset()
    plays: frozenset[str] = frozenset()
    places: frozenset[Place] = frozenset()
    effective_from: date | None = None
    effective_until: date | None = None
    cite: str = ""
    confidence: str = ""
    read_on: date | None = None
    note: str = ""
    shadow: bool = False
    dated: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dated", self.effective_from is not None or self.effective_until is not None)

    @property
    def is_disputed(self) -> bool:
        """True where sources disagree about the rule; `note` says in what."""
        return self.confidence.startswith(DISPUTED)

    def bind(self, subject: Subject, role: Role, places: Places) -> bool:
        """True when the rule is about such a message, to who may be in these places, whatever the date."""
        return (
            subject.channel in self.channels
            and role in self.roles
            and (self.purposes is None or subject.purpose in self.purposes)
            and subject.purpose not in self.except_purposes
            and (not self.creditors or subject.creditor in self.creditors)
            and (not self.portfolios or subject.portfolio in self.portfolios)
            and (not self.plays or subject.play in self.plays)
            and (not self.places or any(place.may_hold(places) for place in self.places))
        )


class Rule(Protocol):
    """One promise."""

    @property
    def terms(self) -> Terms: ...

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        """Return when the message is forbidden, now or later; what is over may be left out.

        What the purpose passes and from when to when the rule is in force is the engine's affair.
        """
        ...

    def facts(self, inquiry: Inquiry) -> str:
        """Say which facts the answer rests on, without naming an address or number."""
        ...
