"""The referee finds every kind of violation that is planted, and none where there is none."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from outreach.model.money import Money
from outreach.policy import tables
from outreach.wording.formats import write_money
from tests.soak.planted import PERMITTED, PLANTED
from tests.soak.record import load
from tests.soak.referee.judge import judge
from tests.soak.referee.occasions import mentions
from tests.soak.stories import Story, introduced, thanked

#: What breaks one promise cannot but break another.
_COMES_ALONG = {
    "written_twice": {"repeated"},
    "written_twice_by_two_channels": {"repeated"},
    "out_of_order": {"moved back"},
}


@pytest.mark.parametrize("story", [introduced, thanked, *PERMITTED])
def test_what_the_design_permits_is_no_violation(story: Callable[[], Story]) -> None:
    assert judge(story().record()) == []


@pytest.mark.parametrize(
    ("kind", "story"),
    [(kind, story) for kind, stories in PLANTED.items() for story in stories],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_planted_violation_is_found(kind: str, story: Callable[[], Story]) -> None:
    """By its kind, and nothing is called wrong besides."""
    found = {each.kind for each in judge(story().record())}

    assert found == {kind, *_COMES_ALONG.get(story.__name__, ())}


def test_a_record_is_judged_the_same_after_it_was_kept(tmp_path: Path) -> None:
    record = thanked().record()
    record.save(tmp_path / "record.json")

    assert load(tmp_path / "record.json") == record


@pytest.mark.parametrize("amount", ["961.22", "51.40", "1941.72"])
def test_an_amount_is_read_however_it_is_written_where_somebody_lives(amount: str) -> None:
    money = Money(Decimal(amount), "USD")
    forms = {write_money(money, language="en", country=country) for country in tables.countries()}

    assert len(forms) > 5
    for each in forms:
        assert mentions(f"We received your payment of {each} for Lakeside Clinic.", f"${amount}"), each


@pytest.mark.parametrize(
    "other", ["$961.224", "1 961,22 US$", "US$ 4.961,22", "961.22 GBP", "961.22", "€961.22"]
)
def test_another_amount_is_not_taken_for_it(other: str) -> None:
    assert not mentions(f"We received your payment of {other} for Lakeside Clinic.", "$961.22")
