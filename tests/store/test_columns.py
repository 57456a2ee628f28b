"""What SQL calls a column is what Python calls the field: rows go both ways without a word between them."""

import re
from pathlib import Path

import pytest
from msgspec import Struct

from foundation.outbox import OutgoingEvent
from outreach.model.touch import DesiredTouch, FinishedTouch, UnsentTouch
from tests.support.sources import ROOT

TOUCHES = ROOT / "services/outreach/store/touches.sql"
OUTBOX = ROOT / "services/foundation/outbox.sql"

#: What stays of a touch that is planned anew: whose and what it is, and what it answers.
KEPT_WHEN_MOVED = {"person_id", "debt_id", "play", "occasion", "in_reply_to"}


def query(file: Path, name: str) -> str:
    return next(text for text in file.read_text().split("-- name: ") if re.match(rf"{name}\W", text))


def columns_of_a_document(sql: str) -> list[str]:
    """Return the columns that `json_to_recordset` takes from each object."""
    found = re.search(r"json_to_recordset\(:\w+::json\)\s+AS \w*\s?\(([^)]*)\)", sql)
    assert found is not None
    return [column.split()[0].strip('"') for column in found[1].split(",")]


def selected(sql: str) -> list[str]:
    found = re.search(r"SELECT (.*?)\s+FROM", sql, re.DOTALL)
    assert found is not None
    return [column.split()[-1] for column in found[1].split(",")]


def test_a_planned_touch_is_stored_with_all_its_fields() -> None:
    assert set(columns_of_a_document(query(TOUCHES, "plan_touches"))) == set(DesiredTouch.__struct_fields__)


def test_a_moved_touch_takes_all_that_may_be_planned_anew() -> None:
    moved = set(columns_of_a_document(query(TOUCHES, "move_touches")))

    assert moved == set(DesiredTouch.__struct_fields__) - KEPT_WHEN_MOVED


def test_an_event_goes_into_the_outbox_with_all_its_fields() -> None:
    columns = columns_of_a_document(query(OUTBOX, "append_entries"))

    assert set(columns) == set(OutgoingEvent.__struct_fields__)


@pytest.mark.parametrize(("name", "row"), [("read_unsent", UnsentTouch), ("read_done", FinishedTouch)])
def test_a_row_that_is_read_by_position_has_the_order_of_its_type(name: str, row: type[Struct]) -> None:
    assert tuple(selected(query(TOUCHES, name))) == row.__struct_fields__
