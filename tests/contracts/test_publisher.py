"""A publisher is told line by line what is wrong."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.cli.events import cli
from outreach.desk.publishing import move_to_today
from schemas.publisher import as_record, read_line, validate_lines
from tests.contracts.samples import ALL, EXAMPLES, NOW, example

FIRST_DAY = (EXAMPLES / "first-day.jsonl").read_bytes().splitlines()


def line(name: str, **changes: object) -> str:
    return json.dumps({**example(name), **changes})


def test_good_lines_have_no_problems() -> None:
    assert validate_lines([line(each.name) for each in ALL], now=NOW) == []


def test_each_bad_line_is_named_with_reason_and_place() -> None:
    lines = [
        line("debt.closed.v1", data={"debt_id": "debt-1", "reason": "sold"}),
        "",
        line("payment.received.v1"),
        "not json",
        line("debt.placed.v1", type="debt.placed.v3"),
    ]

    told = [(each.line, each.reason) for each in validate_lines(lines, now=NOW)]

    assert told == [(1, "wrong_schema"), (4, "not_json"), (5, "future_version")]


def test_an_event_that_consumers_would_take_for_another_is_a_problem() -> None:
    lines = [
        line("debt.placed.v1"),
        line("debt.closed.v1"),
        line("debt.updated.v1", id=example("debt.placed.v1")["id"]),
    ]

    problems = validate_lines(lines, now=NOW)

    assert [(each.line, each.reason) for each in problems] == [(3, "repeated_id")]
    assert "line 1" in problems[0].problem


@pytest.mark.parametrize(
    "hostile", ["[" * 100_000, '{"type": 1}', '{"subject": "\\ud800"}', "\ud800", "\x00"]
)
def test_a_hostile_line_is_a_problem_and_no_more(hostile: str) -> None:
    assert len(validate_lines([hostile], now=NOW)) == 1


def test_a_line_goes_to_the_topic_of_its_type_under_its_person() -> None:
    record = as_record(line("payment.received.v1").encode())

    assert (record.topic, record.key) == ("payments.v1", b"person-1")


def test_the_first_day_is_a_story_of_one_person_that_can_be_published() -> None:
    events = [read_line(each, now=NOW) for each in FIRST_DAY]

    assert validate_lines(FIRST_DAY, now=NOW) == []
    assert {each.person_id for each in events} == {"person-1001"}
    assert {"person.changed.v1", "consent.granted.v1", "debt.placed.v1", "plan.agreed.v1"} <= {
        each.type for each in events
    }


def test_the_first_day_can_be_moved_to_today() -> None:
    now = datetime(2027, 6, 15, 3, tzinfo=UTC)

    moved = move_to_today(FIRST_DAY, now=now)

    times = [read_line(each, now=now).time for each in moved]
    assert validate_lines(moved, now=now) == []
    assert timedelta(0) <= now - max(times) < timedelta(days=1)
    before = [read_line(each, now=NOW).time for each in FIRST_DAY]
    assert {late - early for early, late in zip(before, times, strict=True)} == {times[0] - before[0]}


def test_the_command_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(FIRST_DAY[0] + b"\n" + FIRST_DAY[1].replace(b'"channel":"sms",', b"") + b"\n")

    answer = CliRunner().invoke(cli, ["validate", str(file)])

    assert answer.exit_code == 1
    assert f"{file}:2: wrong_schema: data.channel: is missing" in answer.output
    assert "2 events, 1 wrong" in answer.output


def test_the_command_answers_in_json() -> None:
    answer = CliRunner().invoke(cli, ["validate", "--json", str(EXAMPLES / "first-day.jsonl")])

    assert answer.exit_code == 0
    assert json.loads(answer.output) == {"events": len(FIRST_DAY), "problems": []}


def test_a_file_that_is_not_there_is_another_matter() -> None:
    assert CliRunner().invoke(cli, ["validate", "nowhere.jsonl"]).exit_code == 2
