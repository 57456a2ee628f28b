"""A region is read as people write it, and kept as its country codes it."""

import pytest
from pydantic import ValidationError

from schemas.people import StatedAddress
from schemas.regions import REGIONS, region_code


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("CA", "PQ", "QC"),
        ("CA", "NF", "NL"),
        ("CA", "Québec", "QC"),
        ("CA", "prince edward island", "PE"),
        ("US", "Massachusetts", "MA"),
        ("US", "new  york", "NY"),
        ("US", "US-NY", "NY"),
        ("US", "D.C.", "DC"),
        ("AU", "Western Australia", "WA"),
        ("GB", "ENG", "ENG"),
    ],
)
def test_a_region_is_read_in_every_way_it_is_written(country: str, written: str, code: str) -> None:
    assert StatedAddress(country=country, region=written).region == code


@pytest.mark.parametrize(("country", "written"), [("US", "QC"), ("CA", "NY"), ("AU", "Vermont"), ("US", "?")])
def test_a_region_that_the_country_does_not_have_is_refused_with_those_it_has(
    country: str, written: str
) -> None:
    with pytest.raises(ValidationError, match=next(iter(REGIONS[country]))):
        StatedAddress(country=country, region=written)


def test_no_two_regions_of_a_country_are_written_alike() -> None:
    for country, regions in REGIONS.items():
        for code, names in regions.items():
            assert [region_code(country, name) for name in (code, *names)] == [code] * (1 + len(names))
