"""How amounts and days are written, by language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from outreach.model.money import Money

_SYMBOLS: Mapping[str, str] = {
    "USD": "$",
    "GBP": "£",
    "EUR": "€",
    "CAD": "CA$",
    "AUD": "A$",
    "MXN": "MX$",
}
#: Currencies without a smaller unit.
_WHOLE = frozenset({"CLP", "JPY", "KRW", "PYG", "VND"})

_DAYS: Mapping[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}


def write_money(money: Money, *, language: str) -> str:
    """Write an exact amount: `$1,234.50`, in Spanish euros `1.234,50 €`, unknown symbols as `CHF 12.00`."""
    places = Decimal(1) if money.currency in _WHOLE else Decimal("0.01")
    number = f"{money.amount.quantize(places):,}"
    if language.startswith("es") and money.currency == "EUR":
        return f"{number.translate(str.maketrans(',.', '.,'))} €"
    symbol = _SYMBOLS.get(money.currency)
    return f"{symbol}{number}" if symbol else f"{money.currency} {number}"


def write_day(day: date, *, language: str) -> str:
    """Write a day without its year: `Friday, June 12`, in British English `Friday 12 June`.

    A language nobody taught us gets the international form, `2026-06-12`.
    """
    spoken = language.partition("-")[0]
    if spoken not in _DAYS:
        return day.isoformat()
    weekday, month = _DAYS[spoken][day.weekday()], _MONTHS[spoken][day.month - 1]
    if spoken == "es":
        return f"{weekday} {day.day} de {month}"
    if language == "en" or language.startswith("en-US"):
        return f"{weekday}, {month} {day.day}"
    return f"{weekday} {day.day} {month}"
