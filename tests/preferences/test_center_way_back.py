"""Whoever left the page that said "Done" finds the way back on the first one, and nobody else does."""

from datetime import timedelta

import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from tests.preferences.stories import NOW, latest
from tests.preferences.visitors import center, meets_ada

pytestmark = pytest.mark.migrated("preferences")

OFFER = "What you chose lately"


async def test_whoever_left_the_page_finds_the_way_back_on_the_first_one_in_their_browser_for_a_day(
    database: Database,
) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as ada, served.browser() as other:
        await ada.post("stop")
        clock.advance(timedelta(hours=23))
        mine, theirs = await ada.get(), await other.get()
        clock.advance(timedelta(hours=1))
        late = await ada.get()
        clock.advance(timedelta(minutes=-1))
        undone = await ada.undo(mine)
        after = await ada.get()

    assert [OFFER in page.text for page in (mine, theirs, late, after)] == [True, False, False, False]
    assert "We will send no more texts to this number." in mine.text
    assert "It is as it was before." in undone.text
    assert (await latest(database)).opt_outs == ()


async def test_after_the_check_the_first_page_takes_back_what_was_chosen_in_any_browser(
    database: Database,
) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as one, served.browser() as other:
        await one.unlock()
        await one.post("hardship", {"said": "Lost my job"})
        unknown = await other.get()
        known = await other.unlock()
        await other.undo(known)

    assert (OFFER in unknown.text, OFFER in known.text) == (False, True)
    assert "Thank you for telling us." in known.text
    assert "Lost my job" not in known.text
    assert (await latest(database)).holds == ()


async def test_whoever_holds_the_phone_reads_on_the_first_page_only_that_something_was_chosen(
    database: Database,
) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        await stranger.post("talk", {"said": "About my letter"})
        page = await stranger.get()
        await stranger.undo(page)

    assert "Something was chosen here" in page.text
    assert "A person will get back" not in page.text
    assert "About my letter" not in page.text
    assert (await latest(database)).holds == ()


async def test_the_first_page_offers_no_pause_that_another_one_followed(database: Database) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as ada:
        await ada.unlock()
        await ada.post("pause", {"span": "two_weeks"})
        clock.advance(timedelta(minutes=1))
        await ada.post("pause", {"span": "month"})
        page = await ada.get()
        undone = await ada.undo(page)
        after = await ada.get()

    assert page.text.count('name="change"') == 1
    assert (undone.status, OFFER in after.text) == (200, False)
    assert str((await latest(database)).pause_until) == "2026-12-08"
