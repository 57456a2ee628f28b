"""Who writes to people: the agency, and how it appears for each creditor and portfolio."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """The agency, as people meet it. `language` is used where a person's is not known.

    `complaints` is where to complain, as it is written in messages.
    """

    name: str
    phone: str
    email: str
    website: str
    postal_address: str
    complaints: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """What is otherwise for some debts than for the agency's others; None is as it is for all.

    `sms_sender` is a messaging service or a number; None means the one from the environment.
    `pay_url` may hold `{reference}`.
    """

    sms_sender: str | None = None
    email_from: str | None = None
    reply_to: str | None = None
    pay_url: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    postal_address: str | None = None
    complaints: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditor(Appearance):
    """A creditor and how messages about its debts are sent."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The agency, its creditors by id, and portfolios. An unknown creditor is written by its id."""

    agency: Agency
    creditors: Mapping[str, Creditor]
    portfolios: Mapping[str, Appearance] = field(default_factory=dict)

    def creditor(self, creditor: str, portfolio: str | None = None) -> Creditor:
        """Return how to appear for this creditor; what its portfolio says comes first."""
        known = self.creditors.get(creditor) or Creditor(name=creditor)
        own = self.portfolios.get(portfolio) if portfolio is not None else None
        if own is None:
            return known
        said = {part.name: getattr(own, part.name) for part in fields(own)}
        return replace(known, **{name: value for name, value in said.items() if value is not None})

    def agency_for(self, creditor: Creditor) -> Agency:
        """Return the agency as people meet it where it speaks for this creditor."""
        said = {name: getattr(creditor, name) for name in _SHARED}
        return replace(self.agency, **{name: value for name, value in said.items() if value is not None})


#: What a creditor or portfolio may have otherwise than the agency.
_SHARED = ("phone", "email", "website", "postal_address", "complaints")
