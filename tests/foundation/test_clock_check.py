"""A wrong clock is noticed, nothing is judged by it, and what must not be lost goes by the database's."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from foundation.clock import ManualClock, SystemClock
from foundation.clock_check import CheckedClock, WrongClock
from foundation.database import Database
from foundation.intake import Intake
from outreach.kafka.intake import intake_of as outreach_intake
from outreach.model.playbook import Playbook
from preferences.kafka.intake import intake_of as preferences_intake
from schemas.envelope import Event

TEN_MINUTES = timedelta(minutes=10)


class ShiftedClock:
    """A clock that is wrong by as much as it is told."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self) -> datetime:
        return SystemClock().now() + self.by


async def test_a_right_clock_is_the_machines_own(database: Database) -> None:
    checked = CheckedClock(SystemClock(), database=database)

    assert await checked.check() is None
    await checked.insist()
    assert not checked.is_wrong


@pytest.mark.parametrize("by", [TEN_MINUTES, -TEN_MINUTES, timedelta(seconds=5), -timedelta(seconds=5)])
async def test_a_clock_that_is_fast_or_slow_is_wrong_and_the_databases_is_followed(
    database: Database, by: timedelta
) -> None:
    checked = CheckedClock(ShiftedClock(by), database=database)

    assert await checked.check() == "clock differs from the database's"
    with pytest.raises(WrongClock):
        await checked.insist()
    assert abs(checked.now() - SystemClock().now()) < timedelta(seconds=2)


async def test_a_clock_that_was_mended_is_right_again(database: Database) -> None:
    clock = ShiftedClock(TEN_MINUTES)
    checked = CheckedClock(clock, database=database)
    await checked.look()

    clock.by = timedelta(0)

    await checked.insist()


def outreach(database: Database, checked: CheckedClock) -> Intake[Event]:
    return outreach_intake(
        database=database,
        clock=checked,
        playbook=lambda: Playbook(version="0", plays={}),
        insist=checked.insist,
    )


def preferences(database: Database, checked: CheckedClock) -> Intake[Event]:
    return preferences_intake(database=database, clock=checked, insist=checked.insist)


@pytest.mark.parametrize("intake", [outreach, preferences])
async def test_nothing_is_read_with_a_wrong_clock(
    database: Database, intake: Callable[[Database, CheckedClock], Intake[Event]]
) -> None:
    checked = CheckedClock(ManualClock(SystemClock().now() - TEN_MINUTES), database=database)

    with pytest.raises(WrongClock):
        await intake(database, checked).handle([])
