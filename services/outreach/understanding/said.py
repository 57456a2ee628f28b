"""Days and amounts that an answer names."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from outreach.understanding.meaning import AmountSaid, DaySaid
from outreach.understanding.plain import LONGEST, fold

_WEEKDAYS: Final = (
    "mon(?:day)?|lunes",
    "tue(?:s|sday)?|martes",
    "wed(?:nesday)?|miercoles",
    "thu(?:r|rs|rsday)?|jueves",
    "fri(?:day)?|viernes",
    "sat(?:urday)?|sabado",
    "sun(?:day)?|domingo",
)
_MONTHS: Final = (
    "jan(?:uary)?|enero",
    "feb(?:ruary)?|febrero",
    "mar(?:ch)?|marzo",
    "apr(?:il)?|abril",
    "may|mayo",
    "june?|junio",
    "july?|julio",
    "aug(?:ust)?|agosto",
    "sept?(?:ember)?|septiembre",
    "oct(?:ober)?|octubre",
    "nov(?:ember)?|noviembre",
    "dec(?:ember)?|diciembre",
)
_MONTH: Final = "|".join(_MONTHS)
_DAY: Final = re.compile(
    rf"\b(?P<today>today|tonight|hoy)\b|\b(?P<after>day after tomorrow|pasado manana)\b"
    rf"|(?<!la )(?<!esta )\b(?P<tomorrow>tomorrow|tmrw|manana)\b(?! por la noche no)"
    rf"|\b(?:(?P<next>next|proximo|que viene)\s+)?(?P<weekday>{'|'.join(_WEEKDAYS)})\b"
    rf"|\b(?P<month>{_MONTH})\.?\s+(?:the\s+)?(?P<month_day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:dollars|bucks|\.\d))"
    rf"|\b(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?(?P<its_month>{_MONTH})\b"
    rf"|\b(?P<one>\d{{1,2}})/(?P<other>\d{{1,2}})(?:/(?P<year>\d{{4}}|\d{{2}}))?\b"
    rf"|\b(?P<nth>\d{{1,2}})(?:st|nd|rd|th)\b|\b(?:el )?dia (?P<dia>\d{{1,2}})\b"
    rf"|\b(?P<open>pay ?day|next (?:week|month|paycheck|pay)|end of (?:the )?(?:week|month)"
    rf"|quincena|fin de mes|proxima semana)\b",
)
_SIGN: Final = {"£": "GBP", "€": "EUR", "₹": "INR"}
_UNIT: Final = {
    "pounds": "GBP", "quid": "GBP", "euros": "EUR", "euro": "EUR", "rupees": "INR", "rs": "INR",
    "usd": "USD", "cad": "CAD", "aud": "AUD", "gbp": "GBP", "eur": "EUR", "mxn": "MXN",
}  # fmt: skip
_FIGURE: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,7}(?:\.\d{1,2})?"
_PAYING: Final = "pay|send|do|make|manage|afford|spare|pago|pagar|abonar|mando|deposito"
_NO_MONEY: Final = r"st|nd|rd|th|days?|weeks?|months?|am|pm|/|%"
_AMOUNT: Final = re.compile(
    rf"(?P<sign>[$£€₹])\s?(?P<signed>{_FIGURE})(?P<k>k\b)?|\b(?P<rs>rs)\.?\s?(?P<of_rs>{_FIGURE})\b"
    rf"|\b(?P<plain>{_FIGURE})(?P<kk>k)?\s?(?P<unit>dollars?|bucks|dolares|dlls|pesos|\$|£|€|{'|'.join(_UNIT)})"
    rf"|\b(?:{_PAYING})\s+(?:(?:you|like|about|only)\s+){{0,2}}(?P<bare>\d{{2,6}}(?:\.\d{{2}})?)\b"
    rf"(?!\s*(?:{_NO_MONEY}))",
)
_FEWEST_DAYS: Final = 7
_MOST_DAYS: Final = 31


def days_said(text: str, *, received_on: date | None, day_first: bool) -> tuple[DaySaid, ...]:
    """Return the days that are named, each the next one after `received_on`; open ones without a day."""
    folded = fold(text[:LONGEST])
    return tuple(
        dict.fromkeys(_day(match, received_on, day_first=day_first) for match in _DAY.finditer(folded))
    )


def amounts_said(text: str) -> tuple[AmountSaid, ...]:
    """Return the amounts that are named; a bare figure is one only behind a verb of paying."""
    return tuple(dict.fromkeys(_amounts(fold(text[:LONGEST]))))


def _amounts(folded: str) -> Iterator[AmountSaid]:
    for match in _AMOUNT.finditer(folded):
        figure = match["signed"] or match["of_rs"] or match["plain"] or match["bare"]
        amount = Decimal(figure.replace(",", "")) * (1000 if match["k"] or match["kk"] else 1)
        currency = _SIGN.get(match["sign"] or match["unit"] or "", "") or _UNIT.get(
            match["unit"] or match["rs"] or "", ""
        )
        yield AmountSaid(words=match.group().strip(), amount=amount, currency=currency)


def _day(match: re.Match[str], received_on: date | None, *, day_first: bool) -> DaySaid:
    words = match.group().strip()
    return DaySaid(words=words, day=_which(match, received_on, day_first=day_first) if received_on else None)


def _which(match: re.Match[str], today: date, *, day_first: bool) -> date | None:
    if match["today"]:
        return today
    if match["tomorrow"]:
        return today + timedelta(days=1)
    if match["after"]:
        return today + timedelta(days=2)
    if match["weekday"]:
        if match["next"]:
            return None  # "Next Friday" is this week's to some and the one after it to others.
        number = next(n for n, names in enumerate(_WEEKDAYS) if re.fullmatch(names, match["weekday"]))
        return today + timedelta(days=(number - today.weekday() - 1) % _FEWEST_DAYS + 1)
    if match["month"] or match["its_month"]:
        name = match["month"] or match["its_month"]
        month = 1 + next(n for n, names in enumerate(_MONTHS) if re.fullmatch(names, name))
        return _next_date(today, month=month, day=int(match["month_day"] or match["day_first"]))
    if match["one"]:
        first, second = int(match["one"]), int(match["other"])
        day, month = (first, second) if day_first else (second, first)
        return _next_date(today, month=month, day=day)
    if match["nth"] or match["dia"]:
        day = int(match["nth"] or match["dia"])
        return _next_of_month(today, day) if 1 <= day <= _MOST_DAYS else None
    return None


def _next_date(today: date, *, month: int, day: int) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _next_of_month(today: date, day: int) -> date | None:
    for months in range(3):
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        try:
            found = date(year, month + 1, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None
