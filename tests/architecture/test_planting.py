"""A planted fault is caught by a test that fails and survives one that passes; a skipped one says nothing."""

from pathlib import Path

import pytest

from scripts.plant_faults import Fault, plant

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("assert right", None),
        ("assert 1", "survived"),
        ("pytest.skip('no server can be started')", "the test did not run"),
        ("import nothing_like_it", None),
    ],
)
def test_only_a_test_that_ran_tells_of_a_fault(tmp_path: Path, body: str, said: str | None) -> None:
    (tmp_path / "decides.py").write_text("right = True\n")
    (tmp_path / "test_it.py").write_text(
        f"import pytest\n\nfrom decides import right\n\n\ndef test_it():\n    {body}\n"
    )
    fault = Fault(
        file="decides.py", find="True", replace="False", test="test_it.py::test_it", breaks="what is right"
    )

    wrong = plant(fault, tmp_path)

    assert (wrong or "").startswith(said or "")
    assert (wrong is None) is (said is None)
    assert (tmp_path / "decides.py").read_text() == "right = True\n"


def test_a_test_that_is_not_there_did_not_run(tmp_path: Path) -> None:
    (tmp_path / "decides.py").write_text("right = True\n")
    fault = Fault(file="decides.py", find="True", replace="False", test="test_nowhere.py", breaks="nothing")

    assert (plant(fault, tmp_path) or "").startswith("the test did not run")
