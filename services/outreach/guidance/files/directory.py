"""Reads who writes to people: the agency and its creditors, as the playbook's file names them."""

from collections.abc import Mapping
from typing import Annotated

from outreach.guidance.files.shapes import Shape, Spelled
from outreach.guidance.files.spellings import Misspelling
from outreach.model.directory import Agency, Creditor, Directory


def _pay_url(text: str) -> str:
    """Take a link that is complete once it knows the account: found out now, not while messages wait."""
    try:
        text.format(reference="NW-1")
    except (AttributeError, LookupError, ValueError):
        fix = 'write {reference} where the account belongs, such as "https://pay.example.com/{reference}"'
        raise Misspelling("names something else than {reference}", fix) from None
    return text


class AgencyShape(Shape):
    """The agency, as people meet it."""

    name: str
    phone: str
    email: str
    website: str
    postal_address: str
    language: str = "en"


class CreditorShape(Shape):
    """A creditor, and how messages about its debts are sent."""

    name: str
    sms_sender: str | None = None
    email_from: str | None = None
    reply_to: str | None = None
    pay_url: Annotated[str, Spelled(_pay_url, {"type": "string"})] | None = None


def build_directory(agency: AgencyShape, creditors: Mapping[str, CreditorShape]) -> Directory:
    """Build the directory."""
    return Directory(
        agency=Agency(**agency.model_dump()),
        creditors={name: Creditor(**creditor.model_dump()) for name, creditor in creditors.items()},
    )
