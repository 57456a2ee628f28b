"""Whoever dies while telling the duty of a crisis is followed by somebody who tells it."""

from datetime import timedelta

from foundation.database import Database
from outreach.listening.backlog import page_duty
from outreach.providers.pagers import Page
from tests.support.mortal import Work, ends_everywhere
from tests.support.world import World


class Duty:
    """Somebody on duty."""

    def __init__(self) -> None:
        self.pages: list[Page] = []

    async def page(self, page: Page) -> bool:
        self.pages.append(page)
        return True


async def test_a_crisis_is_told_wherever_page_duty_dies(database: Database) -> None:
    world, duty = World(database, now="2026-03-02T15:00Z"), Duty()

    async def begin(person: str) -> Work:
        await world.runs(
            """INSERT INTO hand_offs (reply_id, person_id, urgency, since, answer_by)
               VALUES ($1, $1, 'crisis', $2, $2)""",
            person,
            world.clock.now(),
        )

        async def tell(mortal: Database) -> None:
            await page_duty([duty], database=mortal, clock=world.clock)

        return tell

    async def again(_: str) -> None:
        world.clock.advance(timedelta(minutes=2))
        await page_duty([duty], database=database, clock=world.clock)

    fates = await ends_everywhere(database, begin=begin, again=again)

    assert {page.reply_id for page in duty.pages} == set(fates)
    assert await world.asks("SELECT count(*) FROM hand_offs WHERE paged_at IS NULL") == 0
    assert fates[list(fates)[-1]].places == {"outreach/listening/backlog.py page_duty"}
