"""States, provinces and territories of countries whose law differs between them, and how they are written.

Codes are those of ISO 3166-2, without the country. What people write in their place (a name, an old or a
postal abbreviation) is read as the code; of other countries nothing is known here, and any region is taken.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

#: By country and code: what is also written for it, in any case, with or without accents and full stops.
REGIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "US": {
        "AL": ("Alabama",), "AK": ("Alaska",), "AZ": ("Arizona",), "AR": ("Arkansas",),
        "CA": ("California", "Calif"), "CO": ("Colorado",), "CT": ("Connecticut",), "DE": ("Delaware",),
        "DC": ("District of Columbia", "Washington DC"), "FL": ("Florida",), "GA": ("Georgia",),
        "HI": ("Hawaii",), "ID": ("Idaho",), "IL": ("Illinois",), "IN": ("Indiana",), "IA": ("Iowa",),
        "KS": ("Kansas",), "KY": ("Kentucky",), "LA": ("Louisiana",), "ME": ("Maine",), "MD": ("Maryland",),
        "MA": ("Massachusetts", "Mass"), "MI": ("Michigan",), "MN": ("Minnesota",), "MS": ("Mississippi",),
        "MO": ("Missouri",), "MT": ("Montana",), "NE": ("Nebraska", "NB"), "NV": ("Nevada",),
        "NH": ("New Hampshire",), "NJ": ("New Jersey",), "NM": ("New Mexico",), "NY": ("New York",),
        "NC": ("North Carolina",), "ND": ("North Dakota",), "OH": ("Ohio",), "OK": ("Oklahoma",),
        "OR": ("Oregon",), "PA": ("Pennsylvania",), "RI": ("Rhode Island",), "SC": ("South Carolina",),
        "SD": ("South Dakota",), "TN": ("Tennessee",), "TX": ("Texas",), "UT": ("Utah",), "VT": ("Vermont",),
        "VA": ("Virginia",), "WA": ("Washington", "Washington State"), "WV": ("West Virginia",),
        "WI": ("Wisconsin",), "WY": ("Wyoming",),
        "AS": ("American Samoa",), "GU": ("Guam",), "MP": ("Northern Mariana Islands",),
        "PR": ("Puerto Rico",), "VI": ("Virgin Islands", "US Virgin Islands"),
        "UM": ("United States Minor Outlying Islands",),
        "AA": ("Armed Forces Americas",), "AE": ("Armed Forces Europe",), "AP": ("Armed Forces Pacific",),
    },
    "CA": {
        "AB": ("Alberta",), "BC": ("British Columbia", "Colombie-Britannique"), "MB": ("Manitoba",),
        "NB": ("New Brunswick", "Nouveau-Brunswick"),
        "NL": ("NF", "LB", "Newfoundland", "Labrador", "Newfoundland and Labrador", "Terre-Neuve",
               "Terre-Neuve-et-Labrador"),
        "NS": ("Nova Scotia", "Nouvelle-Ecosse"),
        "NT": ("Northwest Territories", "Territoires du Nord-Ouest"), "NU": ("Nunavut",),
        "ON": ("Ontario",), "PE": ("PEI", "Prince Edward Island", "Ile-du-Prince-Edouard"),
        "QC": ("PQ", "Quebec"), "SK": ("Saskatchewan",), "YT": ("YK", "Yukon", "Yukon Territory"),
    },
    "AU": {
        "ACT": ("Australian Capital Territory",), "NSW": ("New South Wales",),
        "NT": ("Northern Territory",), "QLD": ("Queensland",), "SA": ("South Australia",),
        "TAS": ("Tasmania",), "VIC": ("Victoria",), "WA": ("Western Australia",),
    },
}  # fmt: skip


def _spellings(country: str) -> dict[str, str]:
    """Return the code of everything that is written for a region of this country; a code means itself."""
    written: dict[str, str] = {}
    for code, others in REGIONS[country].items():
        written |= {_fold(name): code for name in (f"{country}-{code}", *others)}
    return written | {_fold(code): code for code in REGIONS[country]}


def _fold(name: str) -> str:
    """Return a name of a region without what people leave out: case, accents, full stops, hyphens, spaces."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


_SPELLINGS: Final = {country: _spellings(country) for country in REGIONS}


def region_code(country: str, written: str) -> str:
    """Return the ISO 3166-2 code, without the country, of a region as somebody wrote it.

    Raises:
        ValueError: the country is one whose regions are known here, and has none of this name.
    """
    known = _SPELLINGS.get(country)
    if known is None:
        return written
    try:
        return known[_fold(written)]
    except KeyError:
        raise ValueError(
            f"must be a region of {country}: {', '.join(REGIONS[country])}, or its name in full"
        ) from None
