"""What a check looks at: a folder that was read, the day, and what the data says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from outreach.guidance.files.folder import Folder
from outreach.guidance.files.yaml_text import Path
from outreach.policy.policy import AnyRule, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """The creditors and portfolios that debts have in the database."""

    creditors: frozenset[str]
    portfolios: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A folder, as far as it can be read, and what it is held against.

    `places` are sets of zones that people in the data may be in; empty where no data was asked. `known`
    is None likewise.
    """

    folder: Folder
    now: datetime
    places: tuple[frozenset[str], ...] = ()
    known: KnownNames | None = None

    @property
    def today(self) -> date:
        return self.now.date()


def own_rules(policy: Policy) -> Iterator[tuple[Path, AnyRule]]:
    """Yield the agency's own rules, and where in the document each stands."""
    for number, rule in enumerate(policy.own):
        yield ("rules", number), rule


def rules_everywhere(policy: Policy) -> list[AnyRule]:
    """Return the rules of packs that bind wherever somebody lives."""
    return [
        rule
        for name, pack in policy.packs.items()
        if name in policy.always or (pack.everywhere and not pack.draft)
        for rule in pack.rules
    ]
