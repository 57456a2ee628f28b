"""What somebody taps in a real browser on a small phone without script, and the message that does not go.

Three people first: one who wants silence, one who wants to talk, and one whom it is not about.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from foundation.clock import parse_instant
from foundation.database import Database
from outreach.desk.waiting import list_people_waiting
from tests.preferences.visitors import BIRTH_YEAR, POSTAL_CODE, Served, center
from tests.scenarios.town import EMAIL, SMS, Town
from tests.support.databases import Databases
from tests.support.world import texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

Tap = Callable[[Page], Awaitable[None]]


class Story(Town):
    """A town whose center is served, and a browser that has never been anywhere."""

    served: Served
    browser: Browser
    pages: AsyncExitStack

    async def opens(self, address: str = SMS) -> Page:
        """Open the page that a message led to, on a small phone that runs no script."""
        context = await self.browser.new_context(
            viewport={"width": 320, "height": 568}, java_script_enabled=False, locale="en-US"
        )
        self.pages.push_async_callback(context.close)
        page = await context.new_page()
        await page.goto(self.served.url + self.link(address))
        return page

    async def passes(self, hours: float) -> None:
        """Tell outreach what was said, and let time go by in which it sends what it may."""
        await self.tells()
        await self.world.works()
        self.clock.advance(timedelta(hours=hours))
        await self.world.works()

    @property
    def arrived(self) -> list[str]:
        return texts([*self.world.sms.sent, *self.world.email.sent])

    async def waits(self) -> list[tuple[tuple[str, ...], str]]:
        """Return what Ada waits for a human with, and what she said."""
        waiting = await list_people_waiting(self.world.database)
        return [(tuple(sorted(person.kinds)), person.replies[-1].text) for person in waiting]


@pytest_asyncio.fixture(loop_scope="session")
async def story(databases: Databases, browser: Browser) -> AsyncIterator[Story]:
    urls = [await databases.fresh(service) for service in ("outreach", "preferences")]
    async with (
        Database.open(urls[0], size=4, name="test") as outreach,
        Database.open(urls[1], size=4, name="test") as preferences,
        AsyncExitStack() as pages,
    ):
        told = Story(outreach, preferences)
        async with center(preferences, clock=told.clock) as served:
            told.served, told.browser, told.pages = served, browser, pages
            yield told
            await pages.aclose()
    for url in urls:
        await databases.drop(url)


async def shows_who_it_is(page: Page) -> None:
    await page.get_by_label("Your ZIP code").fill(POSTAL_CODE)
    await page.get_by_label("The year you were born").fill(BIRTH_YEAR)
    await page.get_by_role("button", name="Show my choices").click()
    await page.get_by_role("heading", name="Your choices").wait_for()


async def taps(page: Page, *names: str) -> None:
    """Tap links and buttons by what they say, one after the other."""
    for name in names:
        await (
            page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name, exact=True)).click()
        )


async def reads(page: Page, text: str) -> None:
    await page.get_by_text(text).wait_for()


async def test_one_who_wants_silence_needs_two_taps_and_hears_nothing_more(story: Story) -> None:
    await story.meets_ada()
    await story.world.has_a_text_due()

    page = await story.opens()
    await taps(page, "Stop texts to this number")
    await reads(page, "We will send no more texts to this number.")
    await story.passes(hours=3)
    await story.world.has_a_text_due(debt_id="d2")
    await story.passes(hours=24)

    assert story.arrived == []


async def test_one_who_wants_to_talk_says_when_and_a_human_has_it(story: Story) -> None:
    await story.meets_ada()
    await story.world.has_a_text_due()

    page = await story.opens()
    await shows_who_it_is(page)
    await taps(page, "I want to talk")
    await page.get_by_label("Which day?").select_option(label="Thursday, March 5")
    await page.get_by_label("What time is good?").select_option(label="In the evening")
    await page.get_by_label("What is it about?").fill("After seven, please.")
    await taps(page, "Ask to talk")
    await reads(page, "We got it. A person will get back to you on Thursday, March 5, if we can.")
    await reads(page, "After seven, please.")
    await story.passes(hours=3)

    assert story.arrived == []
    wish = "Would like to talk on Thursday 05 March 2026, in the evening, on their own clock."
    assert await story.waits() == [(("call_me", "time_wish"), f"{wish}\nAfter seven, please.")]


async def test_one_whom_it_is_not_about_says_so_without_saying_who_they_are(story: Story) -> None:
    await story.meets_ada()
    await story.world.has_a_text_due()

    page = await story.opens()
    await taps(page, "This is not me")
    await page.get_by_label("Is there more we should know?").fill("I have had this number since May.")
    await taps(page, "This is not me")
    await reads(page, "We have stopped. Thank you, and we are sorry that we bothered you.")
    await story.passes(hours=3)
    await story.world.has_a_text_due(debt_id="d2")
    await story.passes(hours=24)

    assert story.arrived == []
    assert await story.waits() == [(("wrong_person",), "I have had this number since May.")]


async def test_whoever_stops_everything_hears_nothing_until_they_take_it_back(story: Story) -> None:
    await story.meets_ada(by_email=True)
    await story.world.has_a_text_due()

    page = await story.opens()
    await shows_who_it_is(page)
    await taps(page, "Stop everything")
    await reads(page, "We have stopped. We will not text, email or call you.")
    await story.passes(hours=3)
    silent = list(story.arrived)
    await taps(page, "Undo this")
    await reads(page, "It is as it was before.")
    await story.tells()
    await story.world.has_a_text_due(debt_id="d2")
    await story.passes(hours=1)

    assert silent == []
    assert len(story.arrived) == 1


async def wants_no_texts(page: Page) -> None:
    await taps(page, "How we reach you", "Stop texts")
    await reads(page, "We will send you no more texts.")


async def wants_friday_evenings(page: Page) -> None:
    await taps(page, "Days and hours")
    await page.get_by_label("Friday").check()
    await page.get_by_label("Not before").select_option(label="5:00\u00a0PM")
    await page.get_by_label("Not after").select_option(label="8:00\u00a0PM")
    await taps(page, "Keep to these times")
    await reads(page, "We will only write or call at these times: Friday, from 5:00\u00a0PM to 8:00\u00a0PM.")


async def has_hard_times(page: Page) -> None:
    await taps(page, "Times are hard")
    await page.get_by_label("What should we know?").fill("It is hard.")
    await taps(page, "Tell us that times are hard")
    await reads(page, "A person will read it and get back to you.")


async def disputes(page: Page) -> None:
    await taps(page, "I do not owe this")
    await page.get_by_label("What is wrong?").fill("It was for the flat before.")
    await taps(page, "Tell us that it is wrong")
    await reads(page, "A person will look into it.")


SILENCES: dict[str, tuple[Tap, list[tuple[tuple[str, ...], str]]]] = {
    "wants no texts": (wants_no_texts, []),
    "wants other days and hours": (wants_friday_evenings, []),
    "has hard times": (has_hard_times, [(("hardship",), "It is hard.")]),
    "disputes": (disputes, [(("dispute",), "It was for the flat before.")]),
}


@pytest.mark.parametrize("name", SILENCES)
async def test_what_is_tapped_keeps_the_message_back_and_taken_back_lets_it_go_once(
    story: Story, name: str
) -> None:
    tap, waits = SILENCES[name]
    await story.meets_ada()
    await story.world.has_a_text_due()

    page = await story.opens()
    await shows_who_it_is(page)
    await tap(page)
    await story.passes(hours=3)
    silent, waited = list(story.arrived), await story.waits()
    await taps(page, "Undo this")
    await reads(page, "It is as it was before.")
    await story.passes(hours=1)

    assert (silent, waited) == ([], waits)
    assert (len(story.arrived), await story.waits()) == (1, [])


async def picks_the_ninth_of_april(page: Page) -> None:
    await page.get_by_label("Or till a day you pick").fill("2026-04-09")
    await taps(page, "Take a break till then")


@pytest.mark.parametrize(
    ("tap", "day", "ends"),
    [
        (lambda page: taps(page, "Two weeks"), "Monday, March 16", "2026-03-16T05:00Z"),
        (lambda page: taps(page, "One month"), "Thursday, April 2", "2026-04-02T05:00Z"),
        (picks_the_ninth_of_april, "Thursday, April 9", "2026-04-09T05:00Z"),
    ],
    ids=["two weeks", "a month", "until a day"],
)
async def test_nothing_is_written_until_a_break_is_over_and_then_it_is(
    story: Story, tap: Tap, day: str, ends: str
) -> None:
    await story.meets_ada()
    page = await story.opens()
    await shows_who_it_is(page)
    await taps(page, "Take a break")
    await tap(page)
    await reads(page, f"We will write nothing for now. We may write again from {day} on.")

    await story.tells()
    story.clock.move_to(parse_instant(ends) - timedelta(hours=10))
    await story.world.has_a_text_due()
    await story.passes(hours=9.9)
    during = list(story.arrived)
    await story.passes(hours=12)

    assert during == []
    assert len(story.arrived) == 1


async def test_whoever_picks_spanish_is_written_to_in_spanish(story: Story) -> None:
    await story.meets_ada()
    await story.world.has_a_text_due()
    page = await story.opens()
    await shows_who_it_is(page)

    await taps(page, "Language", "En español")
    await reads(page, "We will write to you in Spanish from now on.")
    await story.passes(hours=1)

    (text,) = story.arrived
    assert "Gracias" in text


async def test_whoever_takes_email_first_gets_an_email_in_place_of_the_text(story: Story) -> None:
    await story.meets_ada(by_email=True)
    await story.world.has_a_text_due()
    page = await story.opens()
    await shows_who_it_is(page)

    await taps(page, "How we reach you", "Use email first")
    await reads(page, "We will try an email first.")
    await story.passes(hours=1)

    assert (len(story.world.sms.sent), len(story.world.email.sent)) == (0, 1)


async def test_the_link_of_an_email_stops_email_and_the_text_goes(story: Story) -> None:
    await story.meets_ada(by_email=True)
    await story.world.has_a_text_due()
    page = await story.opens(EMAIL)

    await taps(page, "Stop email to this address")
    await reads(page, "We will send no more email to this address.")
    await story.passes(hours=1)

    assert (len(story.world.sms.sent), len(story.world.email.sent)) == (1, 0)


async def test_whoever_closed_the_browser_takes_it_back_on_the_first_page(story: Story) -> None:
    await story.meets_ada()
    await story.world.has_a_text_due()
    page = await story.opens()
    await taps(page, "Stop texts to this number")
    await story.passes(hours=3)

    await page.goto(story.served.url + story.link())
    await reads(page, "What you chose")
    await taps(page, "Undo this")
    await reads(page, "It is as it was before.")
    await story.passes(hours=1)

    assert len(story.arrived) == 1
