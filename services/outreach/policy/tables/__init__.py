"""The compiled tables of `scripts/build_zone_tables.py`, read once, at first use."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a postal code or a phone prefix proves: a country, and perhaps more.

    `regions` are the states or provinces it may be in, `zones` the zones it spans; both are
    empty where it proves the country only.
    """

    country: str
    regions: tuple[str, ...] = ()
    zones: frozenset[str] = frozenset()


#: Codes from one to another, both inside, and what they prove.
_Run: TypeAlias = tuple[str, str, Hint]

#: What stands for the country of a number that is dialed from everywhere.
_NOWHERE = "-"

#: Answers remembered: an agency's people live in some thousands of places.
_REMEMBERED = 16_384


@cache
def countries() -> Mapping[str, frozenset[str]]:
    """Return every zone of each country (ISO 3166 alpha-2), as zone.tab has them."""
    return {country: frozenset(zones) for country, zones in json.loads(_read("countries.json")).items()}


@cache
def country_of_zone() -> Mapping[str, str]:
    return {zone: country for country, zones in countries().items() for zone in zones}


@cache
def regions() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Return every zone of each state or province, by country."""
    return {
        country: {region: frozenset(zones) for region, zones in load.items()}
        for country, load in json.loads(_read("regions.json")).items()
    }


@lru_cache(maxsize=_REMEMBERED)
def of_us_zip(code: str) -> Hint | None:
    return _in_run(code[:5], _us_zips())


@lru_cache(maxsize=_REMEMBERED)
def in_new_york_city(code: str) -> bool:
    return _in_run(code[:5], _us_nyc_zips()) is not None


def of_canadian_postal_code(code: str) -> Hint | None:
    return _longest_prefix(code[:3], _ca_postal())


def of_australian_postcode(code: str) -> Hint | None:
    return _in_run(code, _au_postcodes())


def of_phone(digits: str) -> Hint | None:
    """Return what an E.164 number, without its plus sign, proves; None: nothing, as a toll-free one."""
    hint = _of_prefix(digits[:7])
    return None if hint is None or hint.country == _NOWHERE else hint


@lru_cache(maxsize=_REMEMBERED)
def _of_prefix(digits: str) -> Hint | None:
    return _longest_prefix(digits, _phones())


@cache
def _us_zips() -> tuple[_Run, ...]:
    return tuple(
        (begins, last, _hint("US", state, zones)) for begins, last, state, zones in _rows("us_zips.txt")
    )


@cache
def _us_nyc_zips() -> tuple[_Run, ...]:
    return tuple((begins, last, _hint("US", "NY", "-")) for begins, last in _rows("us_nyc_zips.txt"))


@cache
def _au_postcodes() -> tuple[_Run, ...]:
    return tuple(
        (begins, last, _hint("AU", state, zones)) for begins, last, state, zones in _rows("au_postcodes.txt")
    )


@cache
def _ca_postal() -> Mapping[str, Hint]:
    return {prefix: _hint("CA", province, zones) for prefix, province, zones in _rows("ca_postal.txt")}


@cache
def _phones() -> Mapping[str, Hint]:
    return {prefix: _hint(country, states, zones) for prefix, country, states, zones in _rows("phones.txt")}


def _hint(country: str, states: str, zones: str) -> Hint:
    return Hint(
        country=country,
        regions=() if states == "-" else tuple(states.split(",")),
        zones=frozenset() if zones == "-" else frozenset(zones.split(",")),
    )


def _in_run(code: str, runs: tuple[_Run, ...]) -> Hint | None:
    place = bisect_right(runs, code, key=lambda run: run[0]) - 1
    return runs[place][2] if place >= 0 and code <= runs[place][1] else None


def _longest_prefix(code: str, table: Mapping[str, Hint]) -> Hint | None:
    for length in range(len(code), 0, -1):
        if (entry := table.get(code[:length])) is not None:
            return entry
    return None


def _rows(name: str) -> list[list[str]]:
    return [line.split() for line in _read(name).splitlines()]


def _read(name: str) -> str:
    return (files(__name__) / name).read_text(encoding="utf-8")


@cache
def digest() -> str:
    """Return a hash of all tables, so that a decision can name those it was made by."""
    names = sorted(file.name for file in files(__name__).iterdir() if file.name.endswith((".json", ".txt")))
    return hashlib.sha256("".join(_read(name) for name in names).encode()).hexdigest()[:16]
