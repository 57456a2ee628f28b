"""Five short runs under kill -9 and misbehaving vendors, on servers of their own; `make soak` makes more."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from foundation.clock import parse_instant
from foundation.local.processes import ServerUnavailable
from tests.soak.fleet import running_fleet
from tests.soak.mischief import deeds_of
from tests.soak.people import people_of
from tests.soak.report import keep, told
from tests.soak.run import Size, run, watching

#: Between them they kill every role and both servers, and have each other deed but one.
SEEDS = range(42, 47)
SHORT = Size(people=24, kills=3, deeds=1, over=5)


# One test, so that its runs share one start of everything. How long it takes says more of what else the
# machine does; what is waited for is awaited.
@pytest.mark.timeout(1500)
@pytest.mark.slow
async def test_every_promise_is_kept_whatever_is_killed(tmp_path: Path, subtests: pytest.Subtests) -> None:
    await keeps_every_promise(SEEDS[1:], tmp_path, subtests)


@pytest.mark.timeout(600)
async def test_every_promise_is_kept_in_one_short_run(tmp_path: Path, subtests: pytest.Subtests) -> None:
    await keeps_every_promise(SEEDS[:1], tmp_path, subtests)


async def keeps_every_promise(seeds: Iterable[int], tmp_path: Path, subtests: pytest.Subtests) -> None:
    try:
        async with running_fleet(tmp_path) as fleet, watching(fleet) as watch:
            for seed in seeds:
                verdict = await run(seed, fleet=fleet, watch=watch, size=SHORT)
                kept = "" if verdict.is_clean else keep(verdict, tmp_path, SHORT)
                with subtests.test(seed=seed):
                    assert verdict.is_clean, told(verdict) + kept
                    assert verdict.record.requests
    except ServerUnavailable as problem:
        if "1" in (os.environ.get("OUTREACH_REQUIRE_KAFKA"), os.environ.get("OUTREACH_REQUIRE_POSTGRES")):
            raise
        pytest.skip(str(problem))


def test_the_short_runs_kill_everything_between_them() -> None:
    planned = {(each.kind, each.target) for seed in SEEDS for each in deeds_of(seed, kills=3, others=1)}

    killed = {target for kind, target in planned if kind == "kill"}
    assert killed == {"ingest", "dispatch", "relay", "http", "preferences", "PostgreSQL", "Kafka"}
    assert {kind for kind, _ in planned} == {
        "kill",
        "kill a session",
        "join and leave",
        "clock ahead",
        "forge",
    }


def test_the_same_seed_makes_the_same_people_and_deeds() -> None:
    now = parse_instant("2026-11-23T18:00Z")

    assert people_of(7, count=60, now=now) == people_of(7, count=60, now=now)
    assert deeds_of(7, kills=6, others=3) == deeds_of(7, kills=6, others=3)
    assert people_of(7, count=60, now=now) != people_of(8, count=60, now=now)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_it_is_night_somewhere_and_day_somewhere_at_any_hour(hour: int) -> None:
    tuesday = parse_instant(f"2026-11-24T{hour:02}:00Z")

    people = people_of(7, count=300, now=tuesday)

    assert {"night", "day"} <= {each.situation for each in people}
