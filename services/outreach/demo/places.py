"""Where the people of the fictional agency live, and what their numbers and names look like.

Numbers are of the ranges kept free for fiction: 555-01xx in North America, 07700 900 in Britain and
the list of the Australian regulator.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A town: how likely somebody lives there, its postal codes and area codes, and the clock on its wall."""

    weight: int
    city: str
    country: str
    region: str | None
    postal_codes: tuple[str, ...]
    area_codes: tuple[str, ...]
    zone: str

    @property
    def shown(self) -> str:
        """The town as a reader knows it."""
        return f"{self.city}, {self.region or self.country}"


def _us(weight: int, city: str, region: str, codes: str, areas: str, zone: str) -> Place:
    return Place(
        weight=weight,
        city=city,
        country="US",
        region=region,
        postal_codes=tuple(codes.split()),
        area_codes=tuple(areas.split()),
        zone=f"America/{zone}",
    )


def _elsewhere(weight: int, city: str, where: str, codes: str, areas: str, zone: str) -> Place:
    country, _, region = where.partition("-")
    return Place(
        weight=weight,
        city=city,
        country=country,
        region=region or None,
        postal_codes=tuple(codes.split(",")),
        area_codes=tuple(areas.split()),
        zone=zone,
    )


PLACES: Final = (
    _us(9, "Chicago", "IL", "60614 60622 60640", "312 773", "Chicago"),
    _us(9, "New York City", "NY", "10025 11215 11375", "212 917 718", "New_York"),
    _us(4, "Buffalo", "NY", "14201 14216", "716", "New_York"),
    _us(6, "Boston", "MA", "02108 02130", "617 857", "New_York"),
    _us(5, "Washington", "DC", "20009 20011", "202", "New_York"),
    _us(5, "Miami", "FL", "33130 33135", "305 786", "New_York"),
    _us(3, "Pensacola", "FL", "32501", "850", "Chicago"),
    _us(6, "Seattle", "WA", "98103 98118", "206", "Los_Angeles"),
    _us(3, "Spokane", "WA", "99201", "509", "Los_Angeles"),
    _us(8, "Los Angeles", "CA", "90026 90065", "213 323", "Los_Angeles"),
    _us(4, "Sacramento", "CA", "95814", "916", "Los_Angeles"),
    _us(6, "Houston", "TX", "77006 77019", "713 832", "Chicago"),
    _us(3, "El Paso", "TX", "79901", "915", "Denver"),
    _us(4, "Denver", "CO", "80205", "303 720", "Denver"),
    _us(4, "Phoenix", "AZ", "85004", "602", "Phoenix"),
    _us(4, "Atlanta", "GA", "30307", "404", "New_York"),
    _us(3, "Nashville", "TN", "37206", "615", "Chicago"),
    _us(3, "Louisville", "KY", "40204", "502", "Kentucky/Louisville"),
    _us(3, "Detroit", "MI", "48201", "313", "Detroit"),
    _us(2, "Bismarck", "ND", "58501", "701", "Chicago"),
    Place(
        weight=2,
        city="Honolulu",
        country="US",
        region="HI",
        postal_codes=("96814",),
        area_codes=("808",),
        zone="Pacific/Honolulu",
    ),
    _elsewhere(4, "Toronto", "CA-ON", "M5V 2T6,M4K 1N2", "416 647", "America/Toronto"),
    _elsewhere(2, "Montreal", "CA-QC", "H2X 1Y4", "514", "America/Toronto"),
    _elsewhere(2, "Vancouver", "CA-BC", "V5K 0A1", "604", "America/Vancouver"),
    _elsewhere(4, "Leeds", "GB", "LS1 4AP", "44", "Europe/London"),
    _elsewhere(2, "Cardiff", "GB", "CF10 1EP", "44", "Europe/London"),
    _elsewhere(2, "Sydney", "AU-NSW", "2010", "61", "Australia/Sydney"),
    _elsewhere(1, "Perth", "AU-WA", "6000", "61", "Australia/Perth"),
)

_AUSTRALIAN: Final = (
    "491570006 491570156 491570157 491570158 491570159 491570110 491570313 491570737 491571266 491571491 "
    "491571804 491572549 491572665 491572983 491573770 491573087 491574118 491574632 491575254 491575789"
).split()


def number_in(area_code: str, count: int) -> str:
    """Return the `count`-th fictional number of an area code, or of `44` or `61`; the last is not the end."""
    match area_code:
        case "44":
            return f"+447700900{count % 1000:03}"
        case "61":
            return f"+61{_AUSTRALIAN[count % len(_AUSTRALIAN)]}"
        case _:
            return f"+1{area_code}55501{count % 100:02}"


GIVEN: Final = (
    "Ada Maya Jonah Priya Luis Grace Omar Hannah Diego Mei Tom Aisha Peter Rosa Ken Nora Samuel Ines Victor "
    "Leah Andre Sofia Walter Tara Hugo Naomi Carl Lucia Ben Yuki Frank Elena Amir Joan Pablo Ruth Dana Marco "
    "Ivy Otis"
).split()
FAMILY: Final = (
    "Torres Whitman Okafor Lindqvist Ramirez Chen Baker Novak Hughes Mehta Silva Park Dubois Kowalski Ortega "
    "Reid Fischer Adeyemi Costa Blake Moreno Hale Ivanova Singh Walsh Nakamura Greene Haddad Vega Lowe"
).split()
