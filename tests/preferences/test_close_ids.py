"""Whoever mistypes an id is asked whether they meant another that there is."""

import pytest

from preferences.model.close_ids import ids_close_to


@pytest.mark.parametrize(
    "written",
    [
        "person-12",
        "persn-1",
        "perosn-1",
        "person-2",
        "person_1",
        "Person-1",
        "PERSON-1",
        " person-1 ",
        "erson-1",
    ],
)
def test_one_slip_is_close(written: str) -> None:
    assert "person-1" in ids_close_to(written)


@pytest.mark.parametrize("written", ["person-1", "customer-9", "pers0n-12", ""])
def test_the_same_and_what_is_further_off_is_not(written: str) -> None:
    assert "person-1" not in ids_close_to(written)


def test_of_a_long_id_only_another_case_is_close() -> None:
    assert ids_close_to("a" * 200) == {"A" * 200, "A" + "a" * 199}
