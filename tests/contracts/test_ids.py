"""An id is seen whole by whoever reads it: nothing in it hides, steers a terminal or turns letters around."""

from typing import Any

import pytest

from schemas.envelope import Malformed, readable_person
from schemas.people import PersonSnapshot
from tests.contracts.samples import NOW, example, read

UNSEEN = {
    "a control of the upper half": "p\x9b1",
    "a space that does not break": "p\xa01",
    "a soft hyphen": "p\xad1",
    "a space without width": "p\u200b1",
    "an override": "p\u202e1",
    "an isolate": "p\u20661",
    "a separator of lines": "p\u20281",
    "a mark of byte order": "p\ufeff1",
    "a sign of nobody's": "p\ue0001",
    "a tag": "p\U000e00411",
}


def with_id(place: str, hostile: str) -> dict[str, Any]:
    event = example("debt.placed.v1")
    if place == "data":
        return {**event, "data": {**event["data"], "debt_id": hostile}}
    return {**event, place: hostile}


@pytest.mark.parametrize("place", ["subject", "id", "source", "data"])
@pytest.mark.parametrize("hostile", UNSEEN.values(), ids=UNSEEN)
def test_an_id_that_hides_something_is_refused_with_its_reason(hostile: str, place: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(with_id(place, hostile))

    assert refused.value.reason == "wrong_schema"
    assert "printable" in refused.value.problem
    assert hostile not in refused.value.problem


@pytest.mark.parametrize("place", ["id", "source", "data"])
@pytest.mark.parametrize("name", ["Ü-42", "債務-7", "عقد-3", "A/1#2", "naïve\u0301"])
def test_letters_of_any_script_are_taken(name: str, place: str) -> None:
    read(with_id(place, name))


@pytest.mark.parametrize("hostile", UNSEEN.values(), ids=UNSEEN)
def test_whoever_has_such_an_id_from_before_waits_for_what_could_not_be_read(hostile: str) -> None:
    assert readable_person(hostile.encode()) == hostile


@pytest.mark.parametrize("hostile", UNSEEN.values(), ids=UNSEEN)
def test_such_a_person_is_still_told_of(hostile: str) -> None:
    """Else one record of theirs that cannot be read would stop everybody behind it."""
    assert PersonSnapshot(person_id=hostile, version=1, changed_at=NOW).person_id == hostile
