"""The demo: weeks of a fictional agency, the same for the same seed; the audit minds nothing in them."""

import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import aiohttp
import msgspec
import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from outreach.audit.audit import audit
from outreach.demo.demo import BEGINS, Wish, play
from outreach.demo.neighbor import preferences_on
from outreach.demo.stories import tell_stories
from outreach.demo.summary import summarize
from outreach.demo.words import ANSWERED, CHOICES, ORIGINS
from tests.support.databases import Databases
from tests.support.world import SAMPLE


# Two demos beside each other, on a machine that may be busy.
@pytest.mark.timeout(300)
async def test_the_weeks_follow_from_the_seed_and_pass_the_audit(
    database: Database, databases: Databases, tmp_path: Path
) -> None:
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "outreach.cli.main", "demo", "--people", "40", "--days", "14", "--seed", "7"),
        *("--json", "--out", str(tmp_path / "told")),
        env={**os.environ, "DATABASE_URL": databases.server_url},
        stdout=PIPE,
    )
    wish = Wish(people=40, days=14, seed=7, folder=tmp_path / "played", config=SAMPLE)
    clock = ManualClock(BEGINS)
    beside = await databases.fresh("preferences")
    async with preferences_on(beside)(clock) as preferences:
        played = await play(
            wish, database=database, preferences=preferences, clock=clock, watch=lambda _at, _chronicle: None
        )
    async with database.transaction() as connection:
        summary = await summarize(connection, played)
        stories = await tell_stories(connection, played)
    findings = await audit(database=database, since=BEGINS)
    answer, _ = await process.communicate()

    told = msgspec.json.decode(answer)
    assert process.returncode == 0
    assert findings.violations == []
    assert told["audit"]["violations"] == []
    assert told["audit"]["messages"] == findings.messages > 40
    assert {name: told[name] for name in msgspec.to_builtins(summary)} == msgspec.to_builtins(summary)
    assert without_ports(told["stories"]) == without_ports(msgspec.to_builtins(stories))
    assert sorted(msgspec.to_builtins(summary)) == sorted(_DOCUMENTED)
    assert told.keys() - msgspec.to_builtins(summary).keys() == {
        *("seed", "begins", "stories", "audit", "folder", "seconds")
    }
    # Who got a link used it, as everybody does: by opening it.
    assert summary.people_on_their_page > 0
    assert set(summary.choices) <= CHOICES.keys()
    # They answer by the way they were written to, and whoever waits for a human is named.
    assert {"sms", "email"} <= summary.answers.keys() <= ANSWERED.keys()
    assert sum(summary.with_human.values()) == len(summary.who_waits) > 0
    assert {"reply", "preference_center"} < summary.opt_outs.keys() <= ORIGINS.keys()
    written = (tmp_path / "told" / "messages.jsonl").read_bytes().splitlines()
    assert len(written) == sum(summary.sent.values())


def without_ports(stories: object) -> str:
    """Return stories as they are wherever the pages are served: each demo takes any free port."""
    return re.sub(r"(?<=127\.0\.0\.1:)\d+", "", str(stories))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_demo_that_stays_prints_a_link_that_opens_until_somebody_ends_it(
    databases: Databases, tmp_path: Path
) -> None:
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "outreach.cli.main", "demo", "--people", "8", "--days", "5", "--stay"),
        *("--out", str(tmp_path / "told")),
        env={**os.environ, "DATABASE_URL": databases.server_url},
        stdout=PIPE,
    )
    assert process.stdout is not None
    link = None
    while link is None:
        line = await process.stdout.readline()
        assert line, "it ended without a link"
        link = LINK.search(line.decode()) if line.startswith(b"The page of") else None
    async with aiohttp.ClientSession() as browser, browser.get(link[0]) as answer:
        page = await answer.text()
    process.send_signal(signal.SIGINT)
    await process.communicate()

    assert (answer.status, process.returncode) == (200, 0)
    assert 'name="birth_year"' in page


LINK = re.compile(r"http://127\.0\.0\.1:\d+/p/[\w-]{28}")
_DOCUMENTED = (
    *("people", "days", "events", "payments", "replies", "kept_aside", "planned", "planned_by_play"),
    *("decisions", "sent", "people_reached", "troubles", "deferred", "suppressed", "waiting", "expired"),
    *("still_planned", "cancelled", "cancelled_by_payments", "opt_outs", "with_human", "answers", "heard"),
    "who_waits",
    *("people_on_their_page", "choices"),
)
