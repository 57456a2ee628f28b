"""What follows from what a reply says is one table, and the page for staff shows the same."""

import re

from outreach.listening.consequences import OFFERED_HOLDS, offered_hold
from outreach.understanding.kinds import Kind
from tests.support.sources import ROOT

PAGE = (ROOT / "docs/replies.md").read_text()


def test_the_page_shows_every_hold_that_is_offered_and_no_other() -> None:
    shown = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (until lifted|\d+ days) \| (.+) \|$", PAGE, re.MULTILINE)

    assert shown == [
        (
            kind.value,
            hold.kind.value,
            f"{hold.lasts.days} days" if hold.lasts is not None else "until lifted",
            hold.why,
        )
        for kind, hold in OFFERED_HOLDS.items()
    ]


def test_the_most_binding_hold_is_offered() -> None:
    hold = offered_hold([Kind.HARDSHIP, Kind.ATTORNEY])

    assert hold is not None
    assert hold.kind == "attorney_represented"
    assert offered_hold([Kind.THANKS]) is None
