"""Where a person may be, from what is known of them."""

import pytest
from phonenumbers import PhoneNumberType, is_valid_number, number_type, parse, region_code_for_number

from outreach.model.person import Address, Evidence
from outreach.policy import tables
from outreach.policy.evidence import explain_evidence, locate
from outreach.policy.zones import TZDATA_VERSION, zone
from tests.policy.builders import at


def by_address(country: str, region: str | None = None, code: str | None = None) -> Evidence:
    return Evidence(addresses=(Address(country=country, region=region, postal_code=code),))


@pytest.mark.parametrize(
    ("evidence", "zones"),
    [
        pytest.param(by_address("US", "NY", "10025"), {"America/New_York"}, id="a ZIP code"),
        pytest.param(
            by_address("US", "NY", "10025-1234"), {"America/New_York"}, id="a ZIP code with four more digits"
        ),
        pytest.param(
            by_address("US", "TN"), {"America/New_York", "America/Chicago"}, id="a state of two zones"
        ),
        pytest.param(
            by_address("US", "AZ", "86504"), {"America/Denver"}, id="the Navajo Nation by its ZIP code"
        ),
        pytest.param(by_address("PR"), {"America/Puerto_Rico"}, id="a territory as a country"),
        pytest.param(Evidence(phones=("+13105550142",)), {"America/Los_Angeles"}, id="area code 310"),
        pytest.param(
            Evidence(phones=("+14025550142",)),
            {"America/Chicago", "America/Denver"},
            id="border counties of 402",
        ),
        pytest.param(
            Evidence(phones=("+16065550142",)),
            {"America/Chicago", "America/Kentucky/Monticello", "America/New_York"},
            id="border counties of 606",
        ),
        pytest.param(
            Evidence(phones=("+17655550142",)),
            {"America/Chicago", "America/Indiana/Indianapolis", "America/New_York"},
            id="border counties of 765",
        ),
        pytest.param(by_address("CA", "ON", "M5V 2T6"), {"America/Toronto"}, id="Toronto"),
        pytest.param(
            by_address("CA", "ON", "P9N 1A1"),
            {"America/Atikokan", "America/Toronto", "America/Winnipeg"},
            id="the north-west of Ontario",
        ),
        pytest.param(by_address("CA", "BC", "V1J 1A1"), {"America/Dawson_Creek"}, id="Fort St John"),
        pytest.param(by_address("AU", "NSW", "2000"), {"Australia/Sydney"}, id="Sydney"),
        pytest.param(
            by_address("AU", "NSW", "2880"), {"Australia/Broken_Hill", "Australia/Sydney"}, id="Broken Hill"
        ),
        pytest.param(by_address("GB", "ENG", "M1 1AE"), {"Europe/London"}, id="a country of one zone"),
        pytest.param(by_address("NZ"), {"Pacific/Auckland", "Pacific/Chatham"}, id="a country alone"),
        pytest.param(Evidence(phones=("+12125550100",)), {"America/New_York"}, id="an area code"),
        pytest.param(
            Evidence(phones=("+18505550100",)),
            {"America/New_York", "America/Chicago"},
            id="one that spans zones",
        ),
        pytest.param(Evidence(phones=("+18005550100",)), set(), id="a toll-free number"),
        pytest.param(Evidence(phones=("+15005550100",)), set(), id="a personal number"),
        pytest.param(Evidence(phones=("+442079460100",)), {"Europe/London"}, id="a British number"),
        pytest.param(Evidence(phones=("+353861234567",)), {"Europe/Dublin"}, id="an Irish mobile"),
        pytest.param(Evidence(phones=("2125550100",)), set(), id="a number without its country"),
        pytest.param(Evidence(zones=("Asia/Kolkata",)), {"Asia/Kolkata"}, id="a stated zone"),
        pytest.param(Evidence(), set(), id="nothing"),
    ],
)
def test_evidence_proves_these_zones_and_no_others(evidence: Evidence, zones: set[str]) -> None:
    assert locate(evidence).zones == zones


def test_a_mobile_of_a_country_without_area_codes_proves_the_country_only() -> None:
    alone = locate(Evidence(phones=("+61412345678",)))

    assert alone.zones == tables.countries()["AU"]
    assert alone.jurisdictions == {"AU"}


def test_what_proves_a_country_only_yields_to_what_is_more_exact() -> None:
    both = Evidence(addresses=by_address("AU", "NSW", "2000").addresses, phones=("+61412345678",))

    assert locate(both).zones == {"Australia/Sydney"}


def test_a_number_and_an_address_join() -> None:
    both = Evidence(addresses=by_address("US", "NY", "10025").addresses, phones=("+17135550142",))

    places = locate(both)

    assert places.zones == {"America/New_York", "America/Chicago"}
    assert places.jurisdictions == {"US", "US-NY", "US-NYC", "US-TX"}


def test_a_postal_code_and_a_region_that_contradict_each_other_both_count() -> None:
    places = locate(by_address("US", "CA", "10025"))

    assert places.zones == {"America/New_York", "America/Los_Angeles"}
    assert {"US-NY", "US-CA"} <= places.jurisdictions


def test_the_united_states_alone_are_states_without_territories() -> None:
    zones = locate(by_address("US")).zones

    assert {"America/New_York", "Pacific/Honolulu", "America/Adak"} <= zones
    assert not zones & {"America/Puerto_Rico", "Pacific/Guam"}


@pytest.mark.parametrize("code", ["10025", "11201", "10451", "10301", "11375"])
def test_each_borough_is_the_city(code: str) -> None:
    assert "US-NYC" in locate(by_address("US", "NY", code)).jurisdictions


@pytest.mark.parametrize("code", ["11501", "10701", "12207"])
def test_its_neighbors_are_not(code: str) -> None:
    assert "US-NYC" not in locate(by_address("US", "NY", code)).jurisdictions


@pytest.mark.parametrize(
    "area_code",
    [
        "208", "219", "270", "308", "364", "423", "432", "458", "541", "605", "620", "701", "775", "785",
        "812", "850", "906", "907", "915", "928", "930", "931", "986",
    ],
)  # fmt: skip
def test_an_area_code_that_straddles_keeps_both_sides(area_code: str) -> None:
    zones = locate(Evidence(phones=(f"+1{area_code}5550100",))).zones
    winter, summer = at("2026-01-15T12:00Z"), at("2026-07-15T12:00Z")

    clocks = {
        (winter.astimezone(zone(each)).utcoffset(), summer.astimezone(zone(each)).utcoffset())
        for each in zones
    }

    assert len(clocks) > 1


@pytest.mark.parametrize(
    ("name", "offset"),
    [("America/Vancouver", "-07:00"), ("America/Edmonton", "-06:00"), ("America/New_York", "-05:00")],
)
def test_clocks_come_from_the_pinned_data_and_not_from_the_machine(name: str, offset: str) -> None:
    assert at("2026-12-15T12:00Z").astimezone(zone(name)).isoformat().endswith(offset)
    assert TZDATA_VERSION >= "2026.3"


def test_each_piece_of_evidence_says_what_it_proves_without_naming_a_number() -> None:
    told = dict(explain_evidence(Evidence(phones=("+12125550100",), zones=("Asia/Kolkata",))))

    assert told["phone 1"].zones == {"America/New_York"}
    assert told["stated zone Asia/Kolkata"].zones == {"Asia/Kolkata"}
    assert not any("555" in each for each in told)


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("US", "7030"),
        ("US", "070300"),
        ("US", "O7030"),
        ("US", "07030-12"),
        ("CA", "M5V"),
        ("AU", "200"),
        ("AU", "20000"),
    ],
)
def test_a_postal_code_that_is_none_of_its_country_proves_the_country_only(country: str, code: str) -> None:
    assert locate(by_address(country, code=code)) == locate(by_address(country))


def test_a_number_of_an_area_code_that_nobody_knows_is_somewhere_in_the_country_not_nowhere() -> None:
    new_overlay = Evidence(addresses=(Address(country="US", region="NY"),), phones=("+19995550142",))

    assert locate(new_overlay).zones == tables.countries()["US"]


def test_every_geographic_area_code_of_the_number_plan_proves_a_place() -> None:
    placeless = [
        code
        for code in range(200, 1000)
        if any(
            number_type(number) in {PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
            and region_code_for_number(number) in {"US", "CA"}
            and not (tables.of_phone(f"1{code}{exchange}0142") or tables.Hint(country="-")).regions
            for exchange in (234, 555, 700)
            for number in [parse(f"+1{code}{exchange}0142")]
            if is_valid_number(number)
        )
    ]

    assert placeless == []
