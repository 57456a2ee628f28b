"""Where a person may be: evidence in, plausible time zones and jurisdictions out.

Everything that suggests a place counts, and the results are joined: a number may have been
issued in one state and live in another. What proves only a country adds all its zones, unless
something more exact is known about the same country. What proves nothing adds nothing; with no
zone at all nobody may be contacted, because no hour can be known to be a decent one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from outreach.model.person import Address, Evidence
from outreach.policy import tables
from outreach.policy.zones import zone

#: Territories with a country code of their own in ISO 3166 that federal law binds.
US_TERRITORIES: Final = frozenset({"PR", "VI", "GU", "MP", "AS", "UM"})
#: Where armed forces' mail goes: it proves the country's law, not a place.
_ARMED_FORCES = frozenset({"AA", "AE", "AP"})


@dataclass(frozen=True, slots=True)
class Places:
    """Every zone a person may plausibly be in, and every jurisdiction whose rules may bind.

    Jurisdictions are `US`, `US-NY`, `US-NYC`, `CA-ON`, … and a state always brings its country.
    `postal_codes` are those of their addresses, by country, in capitals without spaces and hyphens.
    """

    zones: frozenset[str]
    jurisdictions: frozenset[str]
    postal_codes: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class _Collector:
    zones: set[str] = field(default_factory=set)
    jurisdictions: set[str] = field(default_factory=set)
    postal_codes: set[tuple[str, str]] = field(default_factory=set)
    #: Countries of which something more exact is known, and those of which nothing is.
    placed: set[str] = field(default_factory=set)
    unplaced: set[str] = field(default_factory=set)

    def add(self, country: str, regions: tuple[str, ...], zones: frozenset[str]) -> None:
        self.jurisdictions.add(country)
        self.jurisdictions.update(f"{country}-{region}" for region in regions)
        self.zones |= zones
        (self.placed if zones else self.unplaced).add(country)


@lru_cache(maxsize=16_384)
def locate(evidence: Evidence) -> Places:
    """Return where a person may be, on all the evidence together."""
    collector = _Collector()
    for address in evidence.addresses:
        _read_address(address, collector)
    for phone in evidence.phones:
        _read_phone(phone, collector)
    for name in evidence.zones:
        _read_stated_zone(name, collector)
    for country in collector.unplaced - collector.placed:
        collector.zones |= tables.countries().get(country, frozenset())
    return Places(
        zones=frozenset(collector.zones),
        jurisdictions=frozenset(collector.jurisdictions),
        postal_codes=frozenset(collector.postal_codes),
    )


def explain_evidence(evidence: Evidence) -> Iterator[tuple[str, Places]]:
    """Say of each piece of evidence what it proves by itself."""
    for address in evidence.addresses:
        shown = " ".join(part for part in (address.country, address.region, address.postal_code) if part)
        yield f"address {shown}", locate(Evidence(addresses=(address,)))
    for number, phone in enumerate(evidence.phones, 1):
        yield f"phone {number}", locate(Evidence(phones=(phone,)))
    for name in evidence.zones:
        yield f"stated zone {name}", locate(Evidence(zones=(name,)))


def _read_address(address: Address, collector: _Collector) -> None:
    country = address.country.strip().upper()
    region = (address.region or "").strip().upper().removeprefix(f"{country}-")
    code = "".join((address.postal_code or "").split()).upper()
    if country in US_TERRITORIES:
        country, region = "US", country
    if country == "US" and region in _ARMED_FORCES:
        collector.jurisdictions.add(country)
        return
    of_region = tables.regions().get(country, {}).get(region, frozenset())
    if code and _is_written_as_in(country, code):
        collector.postal_codes.add((country, code.replace("-", "")))
    by_code = _of_postal_code(country, code)
    if by_code is not None and by_code.regions and by_code.regions[0] in _ARMED_FORCES:
        collector.jurisdictions.add(country)
        return
    if by_code is not None:
        collector.add(country, by_code.regions, by_code.zones)
        _read_city(country, code, collector)
        # A region that the postal code contradicts is plausible too.
        if of_region and region not in by_code.regions:
            collector.add(country, (region,), of_region)
    else:
        collector.add(country, (region,) if of_region else (), of_region)


#: How each country writes its postal codes; what is written otherwise, with a zero lost, says nothing.
_POSTAL_CODES: Final = {
    "US": re.compile(r"\d{5}(?:-?\d{4})?", re.ASCII),
    "CA": re.compile(r"[A-Z]\d[A-Z]-?\d[A-Z]\d", re.ASCII),
    "AU": re.compile(r"\d{4}", re.ASCII),
}


def _is_written_as_in(country: str, code: str) -> bool:
    """Say whether a code can be one of the country's; of most countries nothing is known that it cannot."""
    written = _POSTAL_CODES.get(country)
    return written is None or written.fullmatch(code) is not None


def _of_postal_code(country: str, code: str) -> tables.Hint | None:
    if not _is_written_as_in(country, code):
        return None
    match country:
        case "US":
            return tables.of_us_zip(code)
        case "CA":
            return tables.of_canadian_postal_code(code)
        case "AU":
            return tables.of_australian_postcode(code)
        case _:
            return None


def _read_city(country: str, code: str, collector: _Collector) -> None:
    if country == "US" and tables.in_new_york_city(code):
        collector.jurisdictions.add("US-NYC")


def _read_phone(phone: str, collector: _Collector) -> None:
    digits = "".join(character for character in phone if character.isdigit())
    hint = tables.of_phone(digits) if phone.startswith("+") else None
    if hint is not None:
        country, regions = hint.country, hint.regions
        if country in US_TERRITORIES:
            country, regions = "US", (country,)
        collector.add(country, regions, hint.zones)


def _read_stated_zone(name: str, collector: _Collector) -> None:
    """A stated zone adds no jurisdiction, but it is more exact than a country."""
    try:
        zone(name)
    except (KeyError, ValueError, OSError):
        # Not a zone: it proves nothing. With nothing else known, nothing is sent.
        return
    collector.zones.add(name)
    if (country := tables.country_of_zone().get(name)) is not None:
        collector.placed.add(country)
