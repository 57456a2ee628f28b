"""Every reason that SQL names is one that Python names."""

import re

from outreach.model.words import Reason, ScheduleReason
from tests.support.sources import ROOT


def test_reasons_in_sql_are_words_of_the_model() -> None:
    named = {
        reason
        for file in sorted((ROOT / "services/outreach/store").glob("*.sql"))
        for reason in re.findall(r"reason = '(\w+)'", file.read_text())
    }

    assert named == {"no_longer_wanted", "gives_way", "paused_by_operations"}
    assert named <= {*Reason, *ScheduleReason}


def test_what_the_policy_says_and_what_the_schedule_says_are_told_apart() -> None:
    assert not {*Reason} & {*ScheduleReason}
