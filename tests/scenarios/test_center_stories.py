"""From a tap on the page behind a message to the message that does not go: both services, two databases."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from foundation.database import Database
from outreach.desk.waiting import list_people_waiting
from tests.preferences.visitors import Browser, center
from tests.scenarios.town import CENTER, Town
from tests.support.databases import Databases
from tests.support.world import texts


@pytest.fixture
async def preferences(databases: Databases) -> AsyncIterator[Database]:
    """The database of the other service; the test's own is that of outreach."""
    url = await databases.fresh("preferences")
    async with Database.open(url, size=2, name="test") as opened:
        yield opened
    await databases.drop(url)


async def stops(ada: Browser) -> None:
    await ada.post("stop")


async def stops_everything(ada: Browser) -> None:
    await ada.unlock()
    await ada.post("stop-all")


async def wants_no_texts(ada: Browser) -> None:
    await ada.unlock()
    await ada.post("channels", {"channel": "sms", "wish": "stop"})


async def takes_a_break(ada: Browser) -> None:
    await ada.unlock()
    await ada.post("pause", {"span": "two_weeks"})


async def wants_evenings_of_other_days(ada: Browser) -> None:
    await ada.unlock()
    await ada.post("hours", {"days": ["fri"], "begins": "17:00", "ends": "20:00"})


async def wants_to_talk(ada: Browser) -> None:
    await ada.post("talk", {"said": "Please call after four"})


async def tells_of_hard_times(ada: Browser) -> None:
    await ada.unlock()
    await ada.post("hardship", {"said": "We cannot pay now"})


async def disputes(ada: Browser) -> None:
    await ada.unlock()
    await ada.post("dispute", {"said": "That is not my account"})


async def is_somebody_else(ada: Browser) -> None:
    await ada.post("not-me", {"said": "I am Bob"})


TAPS = (
    stops,
    stops_everything,
    wants_no_texts,
    takes_a_break,
    wants_evenings_of_other_days,
    wants_to_talk,
    tells_of_hard_times,
    disputes,
    is_somebody_else,
)
ASKING = (wants_to_talk, tells_of_hard_times, disputes, is_somebody_else)


@pytest.fixture
async def town(database: Database, preferences: Database) -> Town:
    return Town(database, preferences)


@pytest.mark.parametrize("tap", TAPS)
async def test_after_a_tap_the_text_that_was_due_does_not_go(
    town: Town, tap: Callable[[Browser], Awaitable[None]]
) -> None:
    async with center(town.preferences, clock=town.clock) as served, served.browser(town.link()) as ada:
        await town.meets_ada()
        await town.world.has_a_text_due()
        await tap(ada)
        await town.tells()

        await town.world.works()
        town.clock.advance(timedelta(hours=3))
        await town.world.works()

    assert town.world.sms.sent == []
    waiting = await list_people_waiting(town.world.database)
    assert [person.person_id for person in waiting] == (["ada"] if tap in ASKING else [])


@pytest.mark.parametrize("tap", TAPS)
async def test_after_it_is_taken_back_the_text_goes_once(
    town: Town, tap: Callable[[Browser], Awaitable[None]]
) -> None:
    async with center(town.preferences, clock=town.clock) as served, served.browser(town.link()) as ada:
        await town.meets_ada()
        await town.world.has_a_text_due()
        await tap(ada)
        await town.tells()

        town.clock.advance(timedelta(hours=1))
        await ada.undo(ada.seen[-1])
        await town.tells()
        await town.world.works()

    assert len(town.world.sms.sent) == 1
    assert await list_people_waiting(town.world.database) == []


@pytest.mark.parametrize("tap", TAPS)
async def test_a_tap_that_is_told_before_the_gate_beats_a_text_that_was_decided(
    town: Town, tap: Callable[[Browser], Awaitable[None]]
) -> None:
    async with center(town.preferences, clock=town.clock) as served, served.browser(town.link()) as ada:
        await town.meets_ada()
        await town.world.has_a_text_due()
        calls = await town.world.claims()

        await tap(ada)
        await town.tells()
        await town.world.calls(calls)

    assert calls
    assert town.world.sms.sent == []


async def test_the_link_in_a_text_leads_to_the_page_of_whoever_got_it(town: Town) -> None:
    async with center(town.preferences, clock=town.clock) as served:
        await town.meets_ada()
        await town.world.has_a_text_due()
        await town.world.works()
        (text,) = texts(town.world.sms.sent)
        (address,) = [word for word in text.split() if word.startswith(CENTER)]
        async with served.browser(address.removeprefix(CENTER)) as ada:
            page = await ada.get()

    assert page.status == 200
    assert "Stop texts to this number" in page.text
