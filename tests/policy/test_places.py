"""An agency's own rules for some places: whom they bind, and which places are none."""

from pathlib import Path

import pytest

from outreach.guidance.files.places import parse_place
from outreach.guidance.files.policy import build_policy, load_policy
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.yaml_text import read_yaml
from outreach.guidance.trying.cases import Case, judge, read_cases
from outreach.guidance.trying.understood import understood
from outreach.policy.place import Place

HERE = Path(__file__).parent / "places"
POLICY = load_policy(HERE / "policy.yaml")


@pytest.mark.parametrize(
    "case", read_cases(HERE / "cases.yaml", packs=POLICY.packs), ids=lambda case: case.id
)
def test_a_rule_binds_whoever_may_be_in_its_places(case: Case) -> None:
    assert judge(case, POLICY, understand=understood).complaint is None, case.title


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("MX", Place(country="MX")),
        ("US-TX", Place(country="US", region="TX")),
        ("US-Texas", Place(country="US", region="TX")),
        ("CA-Québec", Place(country="CA", region="QC")),
        ("US-NYC", Place(country="US", region="NYC")),
        ("PR", Place(country="US", region="PR")),
        ("PR 009", Place(country="US", codes=("009", "009"))),
        ("US 75001-75398", Place(country="US", codes=("75001", "75398"))),
        ("GB sw1a", Place(country="GB", codes=("SW1A", "SW1A"))),
        ("CA M5V 1A1", Place(country="CA", codes=("M5V1A1", "M5V1A1"))),
    ],
)
def test_places_are_written_as_people_write_them(written: str, place: Place) -> None:
    assert parse_place(written) == place


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("Texas", "is no place"),
        ("us", "is no place"),
        ("US-", "is no place"),
        ("UStx", "is no place"),
        ("XX", "is no place"),
        ("US-Bavaria", "must be a region of US"),
        ("US-AE", "armed forces"),
        ("DE-BY", "the parts of DE are not known here"),
        ("US 75398-75001", "names no postal codes"),
        ("US 750-75398", "names no postal codes"),
        ("BR 01000-000", "names no postal codes"),
        ("US *", "names no postal codes"),
    ],
)
def test_what_is_no_place_is_refused_with_its_line(written: str, says: str) -> None:
    text = f'policy: a\nrules:\n  - {{id: a, kind: hold, places: ["{written}"]}}'

    with pytest.raises(ConfigError) as refused:
        build_policy(read_yaml(text, file="policy.yaml"))

    [problem] = refused.value.problems
    assert says in problem.message, problem
    assert problem.line == 3
    assert problem.fix or says.startswith("must")
