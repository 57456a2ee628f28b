"""What a change of policy would do, counted over situations that were decided before."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings

from outreach.guidance.files.policy import build_policy, standard_policy
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.yaml_text import read_yaml
from outreach.guidance.trying.cases import read_cases
from outreach.guidance.trying.comparison import Change, diff
from outreach.guidance.trying.replay import situation_line
from outreach.guidance.trying.trial import compare_lines
from outreach.model.words import Channel
from outreach.policy.recorded import parse_situation, render_situation
from outreach.policy.situation import Situation
from tests.policy.builders import a_contact, a_situation, at
from tests.policy.strategies import situations
from tests.policy.test_properties import asked

HERE = Path(__file__).parent
OLD = standard_policy()
NEW = build_policy(
    read_yaml(
        """
policy: harbor
waive:
  - {rule: us-federal.sms_basis, reason: trial, decided_by: operations, decided_on: "2026-06-01"}
  - {rule: us-federal.sms_60_days, reason: trial, decided_by: operations, decided_on: "2026-06-01"}
rules:
  - {id: gap, kind: spacing, gap: 72h}
  - {id: no_email, kind: hold, channels: [email]}
""",
        file="policy.yaml",
    )
)
NOON = "2026-06-10T12:00-04:00"


def a_spread() -> list[Situation]:
    return [
        a_situation(NOON, play="quiet_debt"),
        a_situation(NOON, play="quiet_debt", ledger=(a_contact("2026-06-09T12:00-04:00"),)),
        a_situation(NOON, play="thanks", channel=Channel.EMAIL),
        a_situation(NOON, play="thanks", packs=("us-federal",)),
    ]


def test_each_message_is_counted_once_by_what_becomes_of_it() -> None:
    counted = diff(OLD, NEW, a_spread())

    assert counted.total == 4
    assert counted.changes == {
        Change.SAME: 1, Change.LATER: 1, Change.VANISHES: 1, Change.APPEARS: 1,
    }  # fmt: skip
    assert counted.by_reason[Change.LATER, "spacing"] == 1
    assert counted.by_reason[Change.VANISHES, "hold"] == 1
    assert counted.by_play[Change.APPEARS, "thanks"] == 1
    assert (counted.burst_before.minute, counted.burst_before.count) == (at(NOON), 3)
    assert (counted.burst_after.minute, counted.burst_after.count) == (at(NOON), 2)
    assert [example.number for example in counted.examples] == [2, 3, 4]


def test_the_same_policy_changes_nothing() -> None:
    assert diff(OLD, OLD, a_spread()).changes == {Change.SAME: 4}


def test_several_processes_count_what_one_counts() -> None:
    lines = [situation_line(situation) for situation in a_spread() * 1000]

    together = compare_lines(OLD, NEW, lines, file="x", workers=1)

    assert compare_lines(OLD, NEW, lines, file="x", workers=2) == together
    assert together.total == 4000


def test_a_line_that_is_no_situation_is_placed() -> None:
    with pytest.raises(ConfigError, match=r"old\.jsonl:2:1: error: not JSON"):
        compare_lines(OLD, NEW, [situation_line(a_situation(NOON)), "{"], file="old.jsonl")


@settings(asked, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(situation=situations())
def test_a_situation_survives_being_written_down(situation: Situation) -> None:
    assert parse_situation(json.loads(json.dumps(render_situation(situation)))) == situation


def test_every_case_survives_being_written_down() -> None:
    for file in (*(HERE / "cases").glob("*.yaml"), HERE / "semantics.yaml"):
        for case in read_cases(file, packs=OLD.packs):
            assert parse_situation(render_situation(case.situation)) == case.situation


def test_equal_situations_are_equal_lines() -> None:
    once = a_situation(NOON, ledger=(a_contact(NOON, debts=frozenset({"A", "B", "C"})),))
    again = a_situation(NOON, ledger=(a_contact(NOON, debts=frozenset({"C", "B", "A"})),))

    assert situation_line(once) == situation_line(again)


def test_a_touch_that_moves_by_a_minute_has_moved() -> None:
    early = a_situation(NOON, ledger=(a_contact(at(NOON) - timedelta(hours=71, minutes=59)),))

    assert diff(OLD, NEW, [early]).changes == {Change.LATER: 1}
