"""Who writes to people: the agency, and how it appears for each creditor."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """The agency, as people meet it. `language` is used where a person's is not known."""

    name: str
    phone: str
    email: str
    website: str
    postal_address: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditor:
    """A creditor and how messages about its debts are sent.

    `sms_sender` is a messaging service or a number; None means the one from the environment.
    `pay_url` may hold `{reference}`.
    """

    name: str
    sms_sender: str | None = None
    email_from: str | None = None
    reply_to: str | None = None
    pay_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The agency and its creditors by id. An unknown creditor is written by its id."""

    agency: Agency
    creditors: Mapping[str, Creditor]

    def creditor(self, creditor: str) -> Creditor:
        """Return how to appear for this creditor."""
        return self.creditors.get(creditor) or Creditor(name=creditor)
