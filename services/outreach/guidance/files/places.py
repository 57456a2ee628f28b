"""Reads the places that a rule of an agency's own is for: `MX`, `US-TX`, `US 75001-75398`."""

import re
from typing import Final

from outreach.guidance.files.spellings import Misspelling
from outreach.policy import tables
from outreach.policy.evidence import US_TERRITORIES
from outreach.policy.place import Place
from schemas.regions import region_code

_FORMS: Final = 'write "MX" for a country, "US-TX" for a part of it, "US 75001-75398" for postal codes'
_CODES: Final = re.compile(r"(?P<first>[A-Z0-9]{1,12})(?:-(?P<last>[A-Z0-9]{1,12}))?", re.ASCII)
#: Cities whose law is their own.
_CITIES: Final = frozenset({("US", "NYC")})


def parse_place(text: str) -> Place:
    """Read a country, a part of one, or postal codes of one: how they begin, alone or from one to another.

    Raises:
        ValueError: it names no place that anybody is ever known to be in.
    """
    country, sign, rest = text[:2], text[2:3], text[3:].strip()
    if country == "UK" and sign in ("", "-", " "):
        raise Misspelling(f"{text!r} is no place", f"did you mean `GB{text[2:]}`?")
    if country not in tables.countries() or sign not in ("", "-", " ") or bool(sign) != bool(rest):
        raise Misspelling(f"{text!r} is no place", _FORMS)
    if sign == "-":
        return Place(country=country, region=_region(country, rest))
    # A territory has a country's code of its own, and is a part of the country whose law binds there.
    of, part = ("US", country) if country in US_TERRITORIES else (country, None)
    return Place(country=of, codes=_postal_codes(text, rest)) if rest else Place(country=of, region=part)


def _region(country: str, written: str) -> str:
    if (country, written) in _CITIES:
        return written
    known = tables.regions().get(country)
    if known is None:
        raise Misspelling(
            f"the parts of {country} are not known here", f'write "{country}" for all of it, or postal codes'
        )
    region = region_code(country, written)
    if region not in known:
        raise Misspelling(f"{written!r} is no place but an address of the armed forces'", _FORMS)
    return region


def _postal_codes(text: str, written: str) -> tuple[str, str]:
    found = _CODES.fullmatch("".join(written.upper().split()))
    first, last = (found["first"], found["last"] or found["first"]) if found else ("", "")
    if not found or len(first) != len(last) or last < first:
        raise Misspelling(
            f"{text!r} names no postal codes",
            'write "US 75001-75398", "US 750" for all that begin so, and no hyphen within a code',
        )
    return first, last
