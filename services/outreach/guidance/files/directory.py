"""Reads who writes to people: the agency, its creditors and portfolios, as the playbook's file names them."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Final, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from outreach.guidance.files.shapes import Days, RecurringDay, Shape, Spelled, Text, TimeOfDay
from outreach.guidance.files.spellings import Misspelling
from outreach.model.directory import Agency, Appearance, Creditor, Directory
from outreach.model.office_hours import OfficeHours
from outreach.policy.recurring_days import RecurringDays
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


class OfficeHoursShape(Shape):
    """When humans are at work, by the clock of the playbook's `zone`.

    `days_off` are spelled as in a rule of the kind `blackout_dates`.
    """

    days: Days = Field(
        frozenset(range(5)),
        description="The days on which somebody is there.",
        examples=["mon-fri"],
        json_schema_extra={"default": "mon-fri"},
    )
    begins: TimeOfDay = Field(
        9 * 3600,
        alias="from",
        description="From when.",
        examples=["09:00"],
        json_schema_extra={"default": "09:00"},
    )
    ends: TimeOfDay = Field(
        17 * 3600,
        alias="to",
        description="Until when.",
        examples=["17:00"],
        json_schema_extra={"default": "17:00"},
    )
    days_off: list[RecurringDay] = Field(
        default_factory=list,
        description="Days on which nobody is there, as in a rule of the kind `blackout_dates`.",
        examples=[["12-25"]],
    )

    @model_validator(mode="after")
    def _is_open_some_time(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("`to` must come after `from`: an office that is open at night needs two shifts")
        return self


class AgencyShape(Shape):
    """The agency, as people meet it.

    `office_hours` say by when people who wait for a human may count on one. With `acknowledge_replies` a
    machine says, within those hours, that a human will read what is not urgent.
    """

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
    office_hours: OfficeHoursShape = Field(
        default_factory=OfficeHoursShape,
        description="When humans are at work: by then people who wait for one may count on an answer.",
    )
    acknowledge_replies: bool = Field(
        default=False,
        description="Let a machine say, within those hours, that a human will read what is not urgent.",
        examples=[True],
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
    messages_an_hour: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description=(
            "At most so many messages for this creditor begin within any hour, by whatever play. The others "
            "wait for their turn; answers to people never do."
        ),
        examples=[200],
    )


class PortfolioShape(AppearanceShape):
    """A portfolio; what it says comes before what the creditor says."""


def build_directory(
    agency: AgencyShape, creditors: Mapping[str, CreditorShape], portfolios: Mapping[str, PortfolioShape]
) -> Directory:
    """Build the directory."""
    return Directory(
        agency=Agency(**agency.model_dump(exclude={"office_hours", "acknowledge_replies"})),
        creditors={
            name: Creditor(**creditor.model_dump(exclude={"messages_an_hour"}))
            for name, creditor in creditors.items()
        },
        portfolios={name: Appearance(**portfolio.model_dump()) for name, portfolio in portfolios.items()},
    )


def build_office_hours(agency: AgencyShape, *, zone: ZoneInfo) -> OfficeHours:
    """Build the office's hours."""
    shape = agency.office_hours
    return OfficeHours(
        zone=zone,
        days=shape.days,
        begins=_clock(shape.begins),
        ends=_clock(shape.ends),
        days_off=RecurringDays(tuple(shape.days_off)),
    )


def _clock(seconds: int) -> time:
    """Return the time of day; the end of the day is its last moment."""
    minutes, second = divmod(min(seconds, 24 * 3600 - 1), 60)
    return time(*divmod(minutes, 60), second)
