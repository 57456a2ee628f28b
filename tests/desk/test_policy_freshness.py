"""How fresh the law in a policy is: what changes within 90 days, and no day more."""

from datetime import date

import pytest

from outreach.desk.policy_freshness import freshness_of
from outreach.guidance.files.policy import build_policy, standard_policy
from outreach.guidance.files.yaml_text import read_yaml

POLICY = build_policy(
    read_yaml(
        """
policy: a
waive:
  - {rule: house.week, reason: trial, decided_by: staff, decided_on: "2026-06-01", until: "2026-06-30"}
rules:
  - {id: begins, kind: spacing, gap: 72h, effective_from: "2026-07-01", effective_until: "2026-08-30"}
  - {id: stands, kind: hold, until: "2026-06-15"}
""",
        file="policy.yaml",
    )
)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (
            date(2026, 6, 1),
            [
                "2026-06-15 agency.stands no longer stands in the way",
                "2026-06-30 house.week is waived for the last day",
                "2026-07-01 agency.begins comes into force",
                "2026-08-30 agency.begins is in force for the last day",
            ],
        ),
        (date(2026, 5, 31), ["2026-06-15", "2026-06-30", "2026-07-01"]),
        (date(2026, 7, 2), ["2026-08-30"]),
        (date(2026, 8, 30), ["2026-08-30"]),
    ],
    ids=["all of the 90 days", "a day sooner", "what began is no news", "the last day itself"],
)
def test_dates_of_the_next_90_days_are_named(today: date, expected: list[str]) -> None:
    told = [f"{change.on} {change.rule} {change.what}" for change in freshness_of(POLICY, today=today).ahead]

    ours = [line for line in told if "agency." in line or "house." in line]
    assert [line[: len(words)] for line, words in zip(ours, expected, strict=True)] == expected


def test_every_shipped_rule_says_whether_its_source_was_read_and_in_what_sources_disagree() -> None:
    for pack in standard_policy().packs.values():
        for rule in pack.rules:
            terms = rule.terms
            was_read = terms.confidence.startswith(("read", "disputed"))
            assert (terms.read_on is not None) == was_read, terms.id
            assert terms.note or not terms.is_disputed, terms.id
