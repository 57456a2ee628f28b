"""Reads who writes to people: the agency, its creditors and portfolios, as the playbook's file names them."""

import re
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field

from outreach.guidance.files.shapes import Shape, Spelled, Text
from outreach.guidance.files.spellings import Misspelling
from outreach.model.directory import Agency, Appearance, Creditor, Directory
from schemas.addresses import canonical_address

_PHONE: Final = re.compile(r"\+?[0-9(][0-9 ()./-]{4,24}\Z")
_FEWEST_DIGITS: Final = 5
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_SHORT_CODE: Final = re.compile(r"[1-9][0-9]{4,5}\Z")
_MESSAGING_SERVICE: Final = re.compile(r"MG[0-9a-f]{32}\Z")
_LOCAL: Final = frozenset({"127.0.0.1", "localhost"})
_LONGEST_LINK: Final = 300


def _phone(text: str) -> str:
    if _PHONE.match(text) is None or sum(sign.isdigit() for sign in text) < _FEWEST_DIGITS:
        raise Misspelling(f"{text!r} is no phone number", 'write it as people dial it, "+1 202 555 0100"')
    return text


def _email(text: str) -> str:
    if "@" not in text or canonical_address(text) is None:
        raise Misspelling(f"{text!r} is no email address", 'write one such as "hello@harbor.example.com"')
    return text


def _sms_sender(text: str) -> str:
    """Take what people can answer to: a text that nobody can answer leaves no way to stop."""
    if not any(known.match(text) for known in (_NUMBER, _SHORT_CODE, _MESSAGING_SERVICE)):
        fix = 'write a number such as "+12025550100", or a messaging service: MG and 32 signs of 0-9 and a-f'
        raise Misspelling(f"{text!r} is nothing that texts are sent from", fix)
    return text


def _website(text: str) -> str:
    parts = urlsplit(text)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if not is_safe or not parts.hostname or re.search(r"\s", text) or len(text) > _LONGEST_LINK:
        raise Misspelling(f"{text!r} is no web address", 'write one such as "https://harbor.example.com"')
    return text


def _pay_url(text: str) -> str:
    """Take a link that is complete once it knows the account: found out now, not while messages wait."""
    try:
        link = text.format(reference="NW-1")
    except (AttributeError, LookupError, ValueError):
        fix = 'write {reference} where the account belongs, such as "https://pay.example.com/{reference}"'
        raise Misspelling("names something else than {reference}", fix) from None
    _website(link)
    return text


_TEXT: Final = {"type": "string"}
Phone = Annotated[str, Spelled(_phone, _TEXT)]
EmailAddress = Annotated[str, Spelled(_email, {"type": "string", "format": "email"})]
SmsSender = Annotated[str, Spelled(_sms_sender, _TEXT)]
Website = Annotated[str, Spelled(_website, {"type": "string", "format": "uri"})]
PayUrl = Annotated[str, Spelled(_pay_url, _TEXT)]


class AgencyShape(Shape):
    """The agency, as people meet it."""

    name: Text = Field(description="The name that every message gives.", examples=["Harbor Recovery"])
    phone: Phone = Field(
        description="The number that messages tell people to call.", examples=["+1 202 555 0100"]
    )
    email: EmailAddress = Field(
        description="The address that people may write to.", examples=["hello@harbor.example.com"]
    )
    website: Website = Field(description="Must begin with https.", examples=["https://harbor.example.com"])
    postal_address: Text = Field(
        description="Stands at the foot of every email.",
        examples=["100 Example Street, Springfield, IL 62701"],
    )
    complaints: Text | None = Field(
        None,
        description="Where to complain, as messages say it; templates name it as `agency.complaints`.",
        examples=["complaints@harbor.example.com, or the address above"],
    )
    language: Text = Field(
        "en", description="What people are written to in whose language is not known.", examples=["en"]
    )


class AppearanceShape(Shape):
    """What is otherwise for some debts than for the agency's others; left out it is as for all."""

    sms_sender: SmsSender | None = Field(
        None,
        description="What texts come from: a number, or a messaging service.",
        examples=["+12025550101"],
    )
    email_from: EmailAddress | None = Field(
        None, description="What emails come from.", examples=["northwind@harbor.example.com"]
    )
    reply_to: EmailAddress | None = Field(
        None, description="Where answers to emails go.", examples=["answers@harbor.example.com"]
    )
    pay_url: PayUrl | None = Field(
        None,
        description="The link to pay; `{reference}` stands for the account.",
        examples=["https://pay.example.com/northwind/{reference}"],
    )
    phone: Phone | None = Field(None, description="Instead of the agency's.", examples=["+1 202 555 0102"])
    email: EmailAddress | None = Field(
        None, description="Instead of the agency's.", examples=["clinic@harbor.example.com"]
    )
    website: Website | None = Field(
        None, description="Instead of the agency's.", examples=["https://clinic.example.com"]
    )
    postal_address: Text | None = Field(
        None, description="Instead of the agency's.", examples=["200 Example Street, Springfield, IL 62701"]
    )
    complaints: Text | None = Field(
        None, description="Instead of the agency's.", examples=["complaints@clinic.example.com"]
    )


class CreditorShape(AppearanceShape):
    """A creditor, and how messages about its debts are sent."""

    name: Text = Field(description="The name that messages give.", examples=["Northwind Energy"])


class PortfolioShape(AppearanceShape):
    """A portfolio; what it says comes before what the creditor says."""


def build_directory(
    agency: AgencyShape, creditors: Mapping[str, CreditorShape], portfolios: Mapping[str, PortfolioShape]
) -> Directory:
    """Build the directory."""
    return Directory(
        agency=Agency(**agency.model_dump()),
        creditors={name: Creditor(**creditor.model_dump()) for name, creditor in creditors.items()},
        portfolios={name: Appearance(**portfolio.model_dump()) for name, portfolio in portfolios.items()},
    )
