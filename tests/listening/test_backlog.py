"""Who waits is counted, and whoever is on duty is told of a crisis: once, and never not at all."""

from datetime import timedelta

from aiohttp import web

from foundation.database import Database
from foundation.metrics import Metrics
from outreach.app import METRICS
from outreach.listening.backlog import measure_backlog, page_duty
from outreach.model.message import Sms
from outreach.model.outcome import NotSent
from outreach.providers.connection import open_session
from outreach.providers.pagers import Page, Pager, PhonePager, WebhookPager
from tests.support.world import World

MORNING = "2026-03-02T15:00Z"
CRISIS = (
    "INSERT INTO hand_offs (reply_id, person_id, urgency, since, answer_by) VALUES ($1, 'ada', $2, $3, $3)"
)


class Duty:
    """Somebody on duty, who may be out of reach."""

    def __init__(self, *, is_reached: bool = True) -> None:
        self.is_reached = is_reached
        self.pages: list[Page] = []

    async def page(self, page: Page) -> bool:
        self.pages.append(page)
        return self.is_reached


async def a_world(database: Database, *urgencies: str) -> World:
    world = World(database, now=MORNING)
    for number, urgency in enumerate(urgencies):
        await world.runs(CRISIS, f"r{number}", urgency, world.clock.now() - timedelta(minutes=number))
    return world


async def pages(world: World, *pagers: Pager) -> int:
    return await page_duty(pagers, database=world.database, clock=world.clock)


async def test_whoever_is_on_duty_is_told_of_each_crisis_once(database: Database) -> None:
    world, duty = await a_world(database, "crisis", "normal", "crisis", "same_day"), Duty()

    assert [await pages(world, duty) for _ in range(3)] == [2, 0, 0]

    assert {page.reply_id for page in duty.pages} == {"r0", "r2"}


async def test_nobody_is_told_unless_somebody_is_named(database: Database) -> None:
    world = await a_world(database, "crisis")

    assert await pages(world) == 0
    assert await world.asks("SELECT count(*) FROM hand_offs WHERE paged_at IS NULL") == 1


async def test_whoever_cannot_be_reached_is_tried_again_a_minute_later(database: Database) -> None:
    world, duty = await a_world(database, "crisis"), Duty(is_reached=False)
    await pages(world, duty)
    assert await pages(world, duty) == 0
    assert len(duty.pages) == 1

    duty.is_reached = True
    world.clock.advance(timedelta(minutes=1))

    assert await pages(world, duty) == 1


async def test_one_of_two_ways_is_enough(database: Database) -> None:
    world = await a_world(database, "crisis")

    assert await pages(world, Duty(is_reached=False), Duty()) == 1


async def test_the_duty_phone_is_told_that_somebody_waits_and_not_who(database: Database) -> None:
    world = await a_world(database, "crisis")
    phone = PhonePager(world.sms, phone="+13125550199", sender="MG1", status_url="https://o.example.com/s")

    assert await pages(world, phone) == 1
    (text,) = world.sms.sent
    assert isinstance(text, Sms)
    assert text.to == "+13125550199"
    assert "ada" not in text.body

    await world.runs("UPDATE hand_offs SET paged_at = NULL, paging_until = NULL")
    world.sms.answers = [NotSent("20003", retry_after=None, our_fault=True)]
    assert await pages(world, phone) == 0


async def test_a_webhook_is_posted_the_ids_and_no_words(database: Database) -> None:
    world = await a_world(database, "crisis")
    posted: list[dict[str, object]] = []
    answers = [500, 204]

    async def take(request: web.Request) -> web.Response:
        posted.append(await request.json())
        return web.Response(status=answers.pop(0))

    app = web.Application()
    app.router.add_post("/duty", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    session = open_session()
    try:
        pager = WebhookPager(session, url=f"http://127.0.0.1:{port}/duty")
        assert await pages(world, pager) == 0
        world.clock.advance(timedelta(minutes=1))
        assert await pages(world, pager) == 1
        gone = WebhookPager(session, url="http://127.0.0.1:1/duty")
        assert not await gone.page(
            Page(reply_id="r", person_id=None, since=world.clock.now(), answer_by=world.clock.now())
        )
    finally:
        await session.close()
        await runner.cleanup()

    assert set(posted[1]) == {"kind", "reply_id", "person_id", "since", "answer_by"}


async def test_who_waits_is_measured_by_urgency_with_the_age_of_the_oldest(database: Database) -> None:
    world = await a_world(database, "normal", "normal", "crisis")
    metrics = Metrics(prefix="outreach", declared=METRICS)

    await measure_backlog(metrics=metrics, database=database, clock=world.clock)

    shown = metrics.render().decode()
    assert 'outreach_replies_waiting{urgency="normal"} 2.0' in shown
    assert 'outreach_replies_waiting{urgency="same_day"} 0.0' in shown
    assert 'outreach_replies_waiting_oldest_seconds{urgency="crisis"} 120.0' in shown
