"""Single cells as spreadsheets leave them, and what they have taken away. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

import phonenumbers


class DateOrder(StrEnum):
    """How `03/02/2026` is meant: not at all, month first, or day first."""

    ISO = "iso"
    MDY = "mdy"
    DMY = "dmy"


_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9( ])").match
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE).fullmatch
_SERIAL = re.compile(r"[1-9][0-9]{4}(\.[0-9]+)?").fullmatch
_SECONDS = re.compile(r"1[0-9]{9}").fullmatch
_SLASHES = re.compile(
    r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_US_CODE = 5


class UnreadableCell(Exception):
    """A cell that cannot be used; `problem` says why and what to do, and not what it holds."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReader:
    """How cells are to be read: the country of numbers that name none, the order of dates, their zone.

    `as_of` is when the file was written: nothing in it is younger.
    """

    as_of: datetime
    country: str | None = None
    dates: DateOrder = DateOrder.ISO
    zone: ZoneInfo | None = None

    def text(self, cell: str) -> str:
        """Return a cell as it stands; what a spreadsheet would compute is refused."""
        if _FORMULA(cell):
            raise UnreadableCell("is a formula; write its value (a text that begins with = or @ is none)")
        return cell

    def phone(self, cell: str) -> str:
        """Return an E.164 number."""
        if _SCIENTIFIC(cell):
            raise UnreadableCell(
                "a spreadsheet has rounded the number; make the column text and export it again"
            )
        text = self.text(cell)
        if not text.startswith("+") and self.country is None:
            raise UnreadableCell("has no country; write it as +12025550143, or say --country")
        try:
            number = phonenumbers.parse(text, self.country)
        except phonenumbers.NumberParseException:
            raise UnreadableCell("is no telephone number") from None
        if not phonenumbers.is_possible_number(number):
            raise UnreadableCell(
                "has too few or too many digits; has a spreadsheet taken a zero or the + away?"
            )
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def postal_code(self, cell: str, *, country: str) -> str:
        """Return a postal code; one of the US that has lost its zero is refused."""
        text = self.text(cell)
        digits = text.partition("-")[0]
        if country == "US" and digits.isdigit() and len(digits) < _US_CODE:
            raise UnreadableCell("has lost its zeros; make the column text and export it again")
        return text

    def instant(self, cell: str, *, closes: bool = False) -> datetime:
        """Return an instant. A day alone is its beginning, but of what closes something its end."""
        text = self.text(cell)
        if _SECONDS(text):
            return datetime.fromtimestamp(int(text), tz=UTC)
        day = self._local(text)
        if day.tzinfo is not None:
            return day.astimezone(UTC)
        if self.zone is None:
            raise UnreadableCell("names no offset; write 2026-03-02T22:30:00Z, or say --zone")
        if closes and day.time() == datetime.min.time():
            return min(datetime.combine(day, time.max, tzinfo=self.zone).astimezone(UTC), self.as_of)
        return day.replace(tzinfo=self.zone).astimezone(UTC)

    def edge(self, cell: str) -> str:
        """Return a day, or an instant where a time of day is written, as the contract writes it."""
        text = self.text(cell)
        day = self._local(text)
        if day.tzinfo is None and day.time() == datetime.min.time():
            return day.date().isoformat()
        return self.instant(cell).isoformat()

    def _local(self, text: str) -> datetime:
        if _SERIAL(text):
            raise UnreadableCell("is a spreadsheet's number for a day; export dates as 2026-03-02")
        if match := _SLASHES.fullmatch(text):
            return self._in_order(match)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise UnreadableCell("is no date; write 2026-03-02 or 2026-03-02T22:30:00Z") from None

    def _in_order(self, match: "re.Match[str]") -> datetime:
        if self.dates is DateOrder.ISO:
            raise UnreadableCell("may be day/month or month/day; write 2026-03-02, or say --dates mdy or dmy")
        one, other, year = (int(match[place]) for place in (1, 2, 3))
        month, day = (one, other) if self.dates is DateOrder.MDY else (other, one)
        hour, minute, second = (int(part or 0) for part in match.groups()[3:])
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (its zone comes later)
        except ValueError:
            raise UnreadableCell(f"is no date when it is read as {self.dates}") from None
