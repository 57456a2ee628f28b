"""A replica that is told to stop, as at every deployment: what is under way ends, what waits is not begun."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from foundation import offsets
from foundation.clock import SystemClock
from foundation.database import Database
from outreach.planning.inputs import INPUTS
from outreach.sending.dispatching import Dispatching
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.broker import Broker
from tests.support.eventually import eventually
from tests.support.servers import Servers
from tests.support.world import SAMPLE, World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
ALWAYS = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "begins": "00:00", "ends": "24:00"}


async def test_calls_under_way_end_and_what_waits_is_freed_and_sent_once_by_the_next(
    database: Database,
) -> None:
    world = World(database, now=MORNING, dispatching=Dispatching(spread=timedelta(0)))
    for number in range(3):
        await world.has_a_text_due(await world.person(f"p{number}", phone=f"+13125550{100 + number}"))
    answer = world.sms.hangs = asyncio.Event()
    stop = asyncio.Event()
    dispatch = world.dispatch(workers=1)
    running = asyncio.create_task(dispatch.run(stop, tick=timedelta(minutes=1)))
    await world.sms.called.wait()

    stop.set()
    await eventually(lambda: len(dispatch._under_way) == 1)
    assert not running.done()
    answer.set()
    await running

    assert len(world.sms.sent) == 1
    assert await world.asks("SELECT count(*) FROM touches WHERE status = 'accepted'") == 1
    world.clock.advance(timedelta(minutes=10))
    await world.recovers()
    await world.works()
    assert sorted(each.to for each in world.sms.sent) == [f"+13125550{100 + number}" for number in range(3)]


@asynccontextmanager
async def a_slow_vendor(answers: asyncio.Event, called: asyncio.Event) -> AsyncIterator[str]:
    """Serve a vendor of email that answers when it is told to."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        called.set()
        await answers.wait()
        return web.Response(status=202, headers={"X-Message-Id": "m1"})

    app = web.Application()
    app.router.add_post("/v3/mail/send", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def hears_everything(database: Database) -> None:
    """Have all inputs be known to be fresh."""
    now = SystemClock().now()
    async with database.transaction() as connection:
        for consumed in INPUTS:
            await offsets.store_all_caught_up(connection, consumed, at=now)


@pytest.fixture
def ports() -> Iterator[Ports]:
    with Ports.reserve() as reserved:
        yield reserved


async def test_a_process_told_to_stop_hears_the_answer_to_the_call_it_is_making(
    servers: Servers,
    kafka: Broker,
    *,
    database: Database,
    database_url: str,
    tmp_path: Path,
    ports: Ports,
) -> None:
    await kafka.empty_topics(TOPICS)
    shutil.copytree(SAMPLE, tmp_path / "config")
    (tmp_path / "config" / "policy.yaml").write_text("policy: hurried\n")
    world = World(database, now=SystemClock().now().isoformat())
    await world.person(phone=None, convenient=[ALWAYS])
    await world.has_a_text_due()
    await hears_everything(database)
    wiring = Wiring(
        ports=ports,
        secrets=secrets_in(tmp_path / "secrets.json"),
        urls={"outreach": database_url, "preferences": ""},
        kafka=kafka.address,
        home=tmp_path,
        config=tmp_path / "config",
    )
    answers, called = asyncio.Event(), asyncio.Event()
    async with a_slow_vendor(answers, called) as vendor:
        env = {
            "OUTREACH_SENDGRID__BASE_URL": vendor,
            "OUTREACH_INTERNAL__PORT": "0",
            # Nothing reads here, so what was told once must be fresh while the process starts.
            "OUTREACH_DISPATCH__INPUT_LAG_LIMIT": "PT2M",
        }
        process = await servers.start(
            "outreach", "run", "--only", "dispatch", env=wiring.parts()[2].env | env
        )
        await asyncio.wait_for(called.wait(), 60)

        stopping = asyncio.create_task(process.stop())
        await eventually(lambda: '"stopping"' in process.written())
        await asyncio.sleep(0.2)
        answers.set()

        assert await stopping == 0
    assert (await world.touch())["status"] == "accepted"
    assert "a call was not settled" not in process.written()
