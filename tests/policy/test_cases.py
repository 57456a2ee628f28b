"""Policy cases: law by law, how rules combine, and the semantics sentence by sentence."""

from pathlib import Path

import pytest

from outreach.guidance.files.policy import standard_policy
from outreach.guidance.trying.cases import Case, judge, read_cases
from outreach.guidance.trying.understood import understood

HERE = Path(__file__).parent


def _all() -> list[Case]:
    packs = standard_policy().packs
    return [
        case
        for file in (*sorted((HERE / "cases").glob("*.yaml")), HERE / "semantics.yaml")
        for case in read_cases(file, packs=packs)
    ]


@pytest.mark.parametrize("case", _all(), ids=lambda case: case.id)
def test_the_case_is_decided_as_expected(case: Case) -> None:
    verdict = judge(case, standard_policy(), understand=understood)

    assert verdict.complaint is None, case.title
