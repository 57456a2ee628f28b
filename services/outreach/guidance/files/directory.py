"""Reads who writes to people: the agency and its creditors, as the playbook's file names them."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from outreach.guidance.files.shapes import Days, RecurringDay, Shape, Spelled, TimeOfDay
from outreach.guidance.files.spellings import Misspelling
from outreach.model.directory import Agency, Creditor, Directory
from outreach.model.office_hours import OfficeHours
from outreach.policy.recurring_days import RecurringDays


def _pay_url(text: str) -> str:
    """Take a link that is complete once it knows the account: found out now, not while messages wait."""
    try:
        text.format(reference="NW-1")
    except (AttributeError, LookupError, ValueError):
        fix = 'write {reference} where the account belongs, such as "https://pay.example.com/{reference}"'
        raise Misspelling("names something else than {reference}", fix) from None
    return text


class OfficeHoursShape(Shape):
    """When humans are at work, by the clock of the playbook's `zone`.

    `days_off` are spelled as in a rule of the kind `blackout_dates`.
    """

    days: Days = frozenset(range(5))
    begins: TimeOfDay = Field(9 * 3600, alias="from")
    ends: TimeOfDay = Field(17 * 3600, alias="to")
    days_off: list[RecurringDay] = Field(default_factory=list)

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

    name: str
    phone: str
    email: str
    website: str
    postal_address: str
    language: str = "en"
    office_hours: OfficeHoursShape = Field(default_factory=OfficeHoursShape)
    acknowledge_replies: bool = False


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
        agency=Agency(**agency.model_dump(exclude={"office_hours", "acknowledge_replies"})),
        creditors={name: Creditor(**creditor.model_dump()) for name, creditor in creditors.items()},
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
