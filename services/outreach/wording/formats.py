"""How amounts and days are written: in the language of the message, as where the person lives."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from unicodedata import category

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, match_skeleton
from babel.languages import get_official_languages
from babel.numbers import (
    format_currency,
    get_currency_precision,
    get_currency_symbol,
    get_territory_currencies,
)
from msgspec import Struct

from outreach.model.money import Money

#: How a language is written where its people are many and no place is known, or none that it is written in.
_ABROAD: Mapping[str, str] = {"en": "en_001", "es": "es_419"}
_UNPLACED: Mapping[str, str] = {"en": "en_US", "es": "es_US"}
#: A code beside a figure, which Unicode's patterns put together: `CHF12.00`.
_CODE = re.compile(r"(?<![A-Z])([A-Z]{3})(?=\d)")
#: A weekday of any length, and a comma that no reader misses before the day: `viernes, 20 de marzo`.
_WEEKDAY = re.compile("E+")
_COMMA = re.compile("EEEE, (?=d)")
#: Spaces that are no letters of GSM-7.
_SPACES = re.compile("[\u00a0\u202f]")
#: No amount has more places than this behind its point.
_MOST_PLACES = 4


class Manner(Struct, frozen=True, kw_only=True):
    """Whose language a message is in, where the person lives (ISO 3166), and what day it is there."""

    language: str
    country: str | None = None
    today: date | None = None

    def write(self, value: Any) -> Any:
        """Return amounts and days as text, also within lists; all else as it is."""
        if value is None or type(value) is str:  # most are; asking whether one is a mapping is dear
            return value
        match value:
            case Money():
                return write_money(value, language=self.language, country=self.country)
            case date():
                return write_day(value, language=self.language, country=self.country, today=self.today)
            case tuple():
                return tuple(self.write(part) for part in value)
            case Mapping():
                return MappingProxyType({key: self.write(part) for key, part in value.items()})
            case _:
                return value


@lru_cache(maxsize=4096)
def write_money(money: Money, *, language: str, country: str | None = None) -> str:
    """Write an exact amount: `$1,234.50`, for somebody in London `US$1,234.50`, in rupees `₹1,25,000.00`.

    It has the places of its currency, and more only where the amount has them.
    """
    locale = _locale(language, country, currency=money.currency)
    places = _places(money)
    if locale is None:
        return f"{money.currency} {money.amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):,}"
    pattern = locale.currency_formats["standard"]
    figures = re.sub(r"0\.0+|0(?![.0])", "0." + "0" * places if places else "0", pattern.pattern)
    written = format_currency(money.amount, money.currency, figures, locale=locale, currency_digits=False)
    abroad = get_currency_symbol(money.currency, locale=locale)
    if country is not None and not _is_sign(abroad) and (sign := _sign_at_home(money.currency, country)):
        # A language that is not the country's own has it as abroad: `GBP 60.00`, `60,00 £GB`.
        written = written.replace(abroad, sign)
    return _SPACES.sub(" ", _CODE.sub(r"\1 ", written))


@lru_cache(maxsize=256)
def _sign_at_home(currency: str, country: str) -> str | None:
    """Return the sign of a country's own money there; None for others', and where letters are written."""
    if currency not in get_territory_currencies(country):
        return None
    for language in get_official_languages(country, de_facto=True):
        if (locale := _parsed(f"{language}_{country}")) is not None:
            symbol = get_currency_symbol(currency, locale=locale)
            if _is_sign(symbol):
                return symbol
    return None


def _is_sign(symbol: str) -> bool:
    return len(symbol) == 1 and category(symbol) == "Sc"


def _places(money: Money) -> int:
    usual = get_currency_precision(money.currency)
    exact = -int(money.amount.normalize().as_tuple().exponent)
    return usual if exact <= usual else min(max(exact, 2), _MOST_PLACES)


@lru_cache(maxsize=4096)
def write_day(day: date, *, language: str, country: str | None = None, today: date | None = None) -> str:
    """Write a day: `Friday, June 12`, in Britain `Friday 12 June`, and its year where it is not this one.

    A language nobody taught us gets the international form, `2026-06-12`.
    """
    locale = _locale(language, country)
    if locale is None:
        return day.isoformat()
    skeleton = "MMMMEEEEd" if today is None or today.year == day.year else "yMMMMEEEEd"
    pattern = locale.datetime_skeletons[match_skeleton(skeleton, locale.datetime_skeletons)].pattern
    spelled_out = _COMMA.sub("EEEE ", _WEEKDAY.sub("EEEE", pattern))
    return _SPACES.sub(" ", format_date(day, spelled_out, locale=locale))


@lru_cache(maxsize=1024)
def _locale(language: str, country: str | None, *, currency: str | None = None) -> Locale | None:
    """Return how a language is written in a country, else in the one that its tag names, else anywhere."""
    spoken, _, region = language.replace("_", "-").partition("-")
    place = country or region.upper()
    if not place and spoken == "es" and currency == "EUR":
        place = "ES"
    names = [f"{spoken}_{place}", _ABROAD.get(spoken)] if place else [_UNPLACED.get(spoken)]
    for name in [*names, spoken]:
        if name is not None and (locale := _parsed(name)) is not None:
            return locale
    return None


def _parsed(name: str) -> Locale | None:
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return None
