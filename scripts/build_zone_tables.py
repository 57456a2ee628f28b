"""Compile where a postal code, an area code or a country may be into the small tables the policy reads.

Sources: `zipcodes` (US ZIP codes), `phonenumbers` (calling codes, the state of an area code) and
`tzdata` (`zone.tab`). What no package knows is written out below. Run it after raising one of
them; `tests/architecture/test_written_files.py` fails while the tables differ from what it would write.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import zipcodes
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, is_valid_number, parse, region_code_for_number
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

TABLES = Path(__file__).parent.parent / "services" / "outreach" / "policy" / "tables"

#: Area codes known to span zones, also where the ZIP data barely shows it. A zone that holds less
#: than this share of an area code's ZIP codes is noise at a border, save for these.
STRADDLING = frozenset(
    {
        "208", "219", "270", "308", "364", "402", "423", "432", "448", "458", "541", "574", "605", "606",
        "620", "701", "765", "775", "785", "812", "850", "906", "907", "915", "928", "930", "931", "986",
    }
)  # fmt: skip
LEAST_SHARE = 0.02
ALSO_IN = {"432": ["America/Denver"], "775": ["America/Denver"]}

NEW_YORK_CITY = {"New York County", "Kings County", "Queens County", "Bronx County", "Richmond County"}

#: States of area codes whose number plan names a city or nothing.
STATE_OF_AREA_CODE = {"203": "CT", "310": "CA", "713": "TX", "718": "NY"}

#: Numbers that are dialed from everywhere, and say nothing of where anybody is: toll-free and paid calls,
#: personal numbers, machines.
NOWHERE = frozenset(
    {
        "500", "521", "522", "523", "524", "525", "526", "527", "528", "529", "532", "533", "535", "538",
        "542", "543", "544", "545", "546", "547", "549", "550", "552", "553", "554", "556", "566", "569",
        "577", "578", "588", "589", "600", "622", "633", "644", "655", "677", "688", "700", "710", "800",
        "822", "833", "844", "855", "866", "877", "880", "881", "882", "883", "884", "885", "886", "887",
        "888", "889", "900",
    }
)  # fmt: skip
#: Exchanges that exist, one of which every area code has, to ask the number plan about an area code.
EXCHANGES = ("234", "555", "700", "222", "345")

TERRITORIES = {
    "PR": "America/Puerto_Rico",
    "VI": "America/St_Thomas",
    "GU": "Pacific/Guam",
    "MP": "Pacific/Saipan",
    "AS": "Pacific/Pago_Pago",
}
TERRITORY_AREA_CODES = {"787": "PR", "939": "PR", "340": "VI", "671": "GU", "670": "MP", "684": "AS"}

#: Area codes elsewhere in the North American plan: the country they prove.
ISLAND_AREA_CODES = {
    "242": "BS", "246": "BB", "264": "AI", "268": "AG", "284": "VG", "345": "KY", "441": "BM", "473": "GD",
    "649": "TC", "658": "JM", "664": "MS", "721": "SX", "758": "LC", "767": "DM", "784": "VC", "809": "DO",
    "829": "DO", "849": "DO", "868": "TT", "869": "KN", "876": "JM",
}  # fmt: skip

_BC = [
    "America/Vancouver", "America/Creston", "America/Dawson_Creek", "America/Edmonton", "America/Fort_Nelson",
]  # fmt: skip
_NORTH_WEST_ONTARIO = ["America/Atikokan", "America/Toronto", "America/Winnipeg"]
_NORTH = [
    "America/Whitehorse", "America/Dawson", "America/Inuvik", "America/Edmonton", "America/Iqaluit",
    "America/Resolute", "America/Rankin_Inlet", "America/Cambridge_Bay", "America/Atikokan",
]  # fmt: skip

#: Provinces: every zone one may be in, as the comments of zone.tab say.
PROVINCES: dict[str, list[str]] = {
    "AB": ["America/Edmonton"],
    "BC": _BC,
    "MB": ["America/Winnipeg"],
    "NB": ["America/Moncton"],
    "NL": ["America/Goose_Bay", "America/St_Johns"],
    "NS": ["America/Glace_Bay", "America/Halifax"],
    "NT": ["America/Edmonton", "America/Inuvik"],
    "NU": [
        "America/Atikokan", "America/Cambridge_Bay", "America/Iqaluit", "America/Rankin_Inlet",
        "America/Resolute",
    ],
    "ON": _NORTH_WEST_ONTARIO,
    "PE": ["America/Halifax"],
    "QC": ["America/Blanc-Sablon", "America/Halifax", "America/Toronto"],
    "SK": ["America/Edmonton", "America/Regina", "America/Swift_Current"],
    "YT": ["America/Dawson", "America/Whitehorse"],
}  # fmt: skip

PROVINCE_AREA_CODES: dict[str, tuple[list[str], list[str]]] = {
    code: (provinces, zones)
    for codes, provinces, zones in [
        ("403 587 780 825 368", ["AB"], PROVINCES["AB"]),
        ("604", ["BC"], ["America/Vancouver"]),
        ("250 236 257 672 778", ["BC"], _BC),
        ("204 431 584", ["MB"], PROVINCES["MB"]),
        ("506 428", ["NB"], PROVINCES["NB"]),
        ("709 879", ["NL"], PROVINCES["NL"]),
        ("902 782", ["NS", "PE"], PROVINCES["NS"]),
        ("867", ["NT", "NU", "YT"], _NORTH),
        ("807", ["ON"], _NORTH_WEST_ONTARIO),
        (
            "226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 905 942",
            ["ON"],
            ["America/Toronto"],
        ),
        ("263 273 354 438 450 468 514 579 819 873", ["QC"], ["America/Toronto"]),
        ("367 418 581", ["QC"], PROVINCES["QC"]),
        ("306 474 639", ["SK"], PROVINCES["SK"]),
    ]
    for code in codes.split()
}

#: Canadian postal codes by prefix; the longest prefix decides.
CANADIAN_POSTAL: dict[str, tuple[str, list[str]]] = {
    prefix: (province, zones)
    for prefixes, province, zones in [
        ("A", "NL", ["America/St_Johns"]),
        ("A0P A0R A0K A2V", "NL", PROVINCES["NL"]),
        ("B", "NS", ["America/Halifax"]),
        ("B0C B0E B1 B2A", "NS", PROVINCES["NS"]),
        ("C", "PE", PROVINCES["PE"]),
        ("E", "NB", PROVINCES["NB"]),
        ("G H J", "QC", ["America/Toronto"]),
        ("G0G", "QC", ["America/Blanc-Sablon", "America/Toronto"]),
        ("G4T", "QC", ["America/Halifax"]),
        ("K L M N P", "ON", ["America/Toronto"]),
        ("P0T P0V P0W P0X P0Y P8N P8T P9A P9N", "ON", _NORTH_WEST_ONTARIO),
        ("R", "MB", PROVINCES["MB"]),
        ("S", "SK", ["America/Regina"]),
        ("S9V", "SK", ["America/Edmonton"]),
        ("S0N S9H", "SK", ["America/Regina", "America/Swift_Current"]),
        ("T", "AB", PROVINCES["AB"]),
        ("V", "BC", ["America/Vancouver"]),
        ("V0A V0B V1A V1C", "BC", ["America/Creston", "America/Edmonton", "America/Vancouver"]),
        ("V1G V1J", "BC", ["America/Dawson_Creek"]),
        ("V0C", "BC", ["America/Dawson_Creek", "America/Fort_Nelson", "America/Vancouver"]),
        ("X", "NT", PROVINCES["NT"]),
        ("X0A X0B X0C", "NU", PROVINCES["NU"]),
        ("Y", "YT", PROVINCES["YT"]),
    ]
    for prefix in prefixes.split()
}

AUSTRALIAN_STATES: dict[str, list[str]] = {
    "ACT": ["Australia/Sydney"],
    "NSW": ["Australia/Broken_Hill", "Australia/Lord_Howe", "Australia/Sydney"],
    "NT": ["Australia/Darwin"],
    "QLD": ["Australia/Brisbane", "Australia/Lindeman"],
    "SA": ["Australia/Adelaide"],
    "TAS": ["Australia/Hobart"],
    "VIC": ["Australia/Melbourne"],
    "WA": ["Australia/Eucla", "Australia/Perth"],
}

#: Australian postcodes; a narrower range decides against a wider one.
AUSTRALIAN_POSTCODES: list[tuple[str, str, str, list[str]]] = [
    ("0200", "0299", "ACT", ["Australia/Sydney"]),
    ("0800", "0999", "NT", ["Australia/Darwin"]),
    ("1000", "2599", "NSW", ["Australia/Sydney"]),
    ("2600", "2618", "ACT", ["Australia/Sydney"]),
    ("2619", "2879", "NSW", ["Australia/Sydney"]),
    ("2880", "2880", "NSW", ["Australia/Broken_Hill", "Australia/Sydney"]),
    ("2881", "2897", "NSW", ["Australia/Sydney"]),
    ("2898", "2898", "NSW", ["Australia/Lord_Howe"]),
    ("2899", "2899", "NSW", ["Australia/Sydney"]),
    ("2900", "2920", "ACT", ["Australia/Sydney"]),
    ("2921", "2999", "NSW", ["Australia/Sydney"]),
    ("3000", "3999", "VIC", ["Australia/Melbourne"]),
    ("4000", "4801", "QLD", ["Australia/Brisbane"]),
    ("4802", "4803", "QLD", ["Australia/Brisbane", "Australia/Lindeman"]),
    ("4804", "4999", "QLD", ["Australia/Brisbane"]),
    ("5000", "5999", "SA", ["Australia/Adelaide"]),
    ("6000", "6442", "WA", ["Australia/Perth"]),
    ("6443", "6443", "WA", ["Australia/Eucla", "Australia/Perth"]),
    ("6444", "6999", "WA", ["Australia/Perth"]),
    ("7000", "7999", "TAS", ["Australia/Hobart"]),
    ("8000", "8999", "VIC", ["Australia/Melbourne"]),
    ("9000", "9999", "QLD", ["Australia/Brisbane"]),
]

#: Australian landlines; mobiles (4) prove the country only.
AUSTRALIAN_AREA_CODES: dict[str, tuple[list[str], list[str]]] = {
    "2": (["ACT", "NSW"], ["Australia/Lord_Howe", "Australia/Sydney"]),
    "3": (["TAS", "VIC"], ["Australia/Hobart", "Australia/Melbourne"]),
    "7": (["QLD"], AUSTRALIAN_STATES["QLD"]),
    "8": (
        ["NSW", "NT", "SA", "WA"],
        ["Australia/Adelaide", "Australia/Broken_Hill", "Australia/Darwin", *AUSTRALIAN_STATES["WA"]],
    ),
}

#: Numbers that share a calling code with a bigger neighbor.
SHARED_CALLING_CODES = {
    "76": "KZ", "77": "KZ", "441481": "GG", "441534": "JE", "441624": "IM", "35818": "AX", "6189162": "CC",
    "6189164": "CX", "262269": "YT", "262639": "YT", "4779": "SJ", "3906698": "VA",
}  # fmt: skip


def tables() -> dict[str, str]:
    """Return the text of every table by its file name."""
    zips = _zips()
    return {
        "countries.json": _json(_countries()),
        "regions.json": _json({"AU": AUSTRALIAN_STATES, "CA": PROVINCES, "US": _states(zips)}),
        "us_zips.txt": _lines(_runs((row["zip_code"], _state_and_zone(row)) for row in zips)),
        "us_nyc_zips.txt": _lines(
            _runs((row["zip_code"], "x" if _in_new_york(row) else "") for row in zips), key="x"
        ),
        "ca_postal.txt": _lines(
            f"{prefix} {province} {','.join(sorted(zones))}"
            for prefix, (province, zones) in sorted(CANADIAN_POSTAL.items())
        ),
        "au_postcodes.txt": _lines(
            f"{begins} {ends} {state} {','.join(zones)}"
            for begins, ends, state, zones in AUSTRALIAN_POSTCODES
        ),
        "phones.txt": _lines(_phones(zips)),
    }


def _countries() -> dict[str, list[str]]:
    zones = defaultdict(list)
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones[country].append(zone)
    return {country: sorted(names) for country, names in sorted(zones.items())}


def _zips() -> list[dict[str, Any]]:
    """Every ZIP code with a zone that exists; armed forces' codes have none and prove nothing."""
    known = {zone for names in _countries().values() for zone in names}
    found: list[dict[str, Any]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    zips = sorted(found, key=lambda row: str(row["zip_code"]))
    for row in zips:
        if row["timezone"] not in known:
            # Napakiak, Alaska, has its own name for a zone in the source.
            row["timezone"] = "America/Anchorage" if row["state"] == "AK" else ""
    return zips


def _state_and_zone(row: Mapping[str, Any]) -> str:
    return f"{row['state']} {row['timezone'] or '-'}"


def _in_new_york(row: Mapping[str, Any]) -> bool:
    return row["state"] == "NY" and row["county"] in NEW_YORK_CITY


def _runs(keyed: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Join neighbors with one answer: `first last answer`."""
    first = last = answer = ""
    for code, value in keyed:
        if value != answer:
            if answer:
                yield f"{first} {last} {answer}"
            first, answer = code, value
        last = code
    if answer:
        yield f"{first} {last} {answer}"


def _states(zips: list[dict[str, Any]]) -> dict[str, list[str]]:
    found = defaultdict(set)
    for row in zips:
        if row["active"] and row["timezone"]:
            found[row["state"]].add(row["timezone"])
    return {state: sorted(zones) for state, zones in sorted(found.items())}


def _phones(zips: list[dict[str, Any]]) -> Iterator[str]:
    """`prefix country regions zones`: `-` where it proves no more; the longest prefix decides.

    Of an area code that has no line somebody may be anywhere in the United States.
    """
    lines = {"1" + code: line for code, line in _north_america(zips)}
    lines["1"] = f"US - {','.join(_countries()['US'])}"
    for code, countries in COUNTRY_CODE_TO_REGION_CODE.items():
        if code != 1 and countries[0] != "001":
            lines[str(code)] = f"{countries[0]} - -"
    lines |= {prefix: f"{country} - -" for prefix, country in SHARED_CALLING_CODES.items()}
    for area, (states, zones) in AUSTRALIAN_AREA_CODES.items():
        lines["61" + area] = f"AU {','.join(states)} {','.join(sorted(zones))}"
    return (f"{prefix} {line}" for prefix, line in sorted(lines.items()))


def _north_america(zips: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    shares = _shares(zips)
    states = _state_names(zips)
    for number in range(200, 1000):
        code = str(number)
        if code in PROVINCE_AREA_CODES:
            provinces, zones = PROVINCE_AREA_CODES[code]
            yield code, f"CA {','.join(provinces)} {','.join(sorted(zones))}"
        elif code in TERRITORY_AREA_CODES:
            state = TERRITORY_AREA_CODES[code]
            yield code, f"US {state} {TERRITORIES[state]}"
        elif code in ISLAND_AREA_CODES:
            yield code, f"{ISLAND_AREA_CODES[code]} - -"
        elif found := _state_of(code, states):
            american = _zones_of_area_code(code, shares[code, found])
            yield code, f"US {found} {','.join(american)}"
        elif code in NOWHERE:
            yield code, "- - -"
        elif _is_in_the_plan(code):
            raise SystemExit(f"area code {code} is in the number plan, and nothing here says where it is")


def _is_in_the_plan(code: str) -> bool:
    """Say whether numbers of this area code are given to telephones of the United States or Canada."""
    return any(
        region_code_for_number(number) in {"US", "CA"}
        for number in (parse(f"+1{code}{exchange}2345") for exchange in EXCHANGES)
        if is_valid_number(number)
    )


def _shares(zips: list[dict[str, Any]]) -> dict[tuple[str, str], Counter[str]]:
    shares: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in zips:
        if row["active"] and row["timezone"]:
            for code in row["area_codes"]:
                shares[code, row["state"]][row["timezone"]] += 1
    return shares


def _zones_of_area_code(code: str, share: Counter[str]) -> list[str]:
    least = 0 if code in STRADDLING else LEAST_SHARE * share.total()
    zones = {zone for zone, count in share.items() if count >= least}
    # An area code younger than the ZIP data has the zone of the number plan.
    zones |= set() if zones else set(TIMEZONE_DATA["1" + code])
    return sorted(zones | set(ALSO_IN.get(code, [])))


def _state_names(zips: list[dict[str, Any]]) -> dict[str, str]:
    """Learn what the number plan calls each state from the area codes that both sources know."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in zips:
        for code in row["area_codes"]:
            name = GEOCODE_DATA.get("1" + code, {}).get("en")
            if name and row["active"]:
                votes[name][row["state"]] += 1
    return {name: vote.most_common(1)[0][0] for name, vote in votes.items()}


def _state_of(code: str, names: Mapping[str, str]) -> str | None:
    name = GEOCODE_DATA.get("1" + code, {}).get("en")
    if name is None:
        return STATE_OF_AREA_CODE.get(code)
    return name[-2:] if name[-4:-2] == ", " else names[name]


def _json(value: object) -> str:
    return json.dumps(value, indent=0, sort_keys=True) + "\n"


def _lines(lines: Iterable[str], *, key: str | None = None) -> str:
    """Join lines; with `key`, only those that end with it, and without it."""
    kept = (
        lines if key is None else (line.removesuffix(f" {key}") for line in lines if line.endswith(f" {key}"))
    )
    return "".join(f"{line}\n" for line in kept)


if __name__ == "__main__":
    TABLES.mkdir(exist_ok=True)
    for name, text in tables().items():
        (TABLES / name).write_text(text)
