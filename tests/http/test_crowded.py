"""Strangers who hold connections open, by the thousand, change nothing for the vendor's webhook."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from foundation.database import Database
from foundation.http_limits import Limits
from foundation.serving import serving
from tests.http.site import Site, signed_by_twilio
from tests.support.crowd import crowd
from tests.support.world import World

MORNING = "2026-03-02T15:00Z"
PATH = "/webhooks/twilio/inbound"
#: Twilio hangs up then, and what somebody wrote is lost unless it calls again.
TWILIO_WAITS_FOR = timedelta(seconds=15)


@pytest.mark.slow
async def test_a_thousand_idle_and_a_hundred_slow_connections_change_no_answer(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    site = Site(world)
    # Shorter than usual, so that the server is cutting connections all the while.
    limits = Limits(headers_within=timedelta(seconds=2), body_within=timedelta(seconds=3))

    async with (
        serving(site.app, host="127.0.0.1", port=0, limits=limits) as port,
        crowd(port, path=PATH, idle=1000, slow=100),
        aiohttp.ClientSession() as vendor,
    ):
        for number in range(25):
            text = "STOP" if number == 24 else "hello"
            form = {
                "MessageSid": f"SM{number:032}",
                "From": "+13125550142",
                "To": "+13125550100",
                "Body": text,
            }
            headers = {"X-Twilio-Signature": signed_by_twilio(PATH, form)}
            async with asyncio.timeout(TWILIO_WAITS_FOR.total_seconds()):
                answer = await vendor.post(f"http://127.0.0.1:{port}{PATH}", data=form, headers=headers)
            assert answer.status == 200

    assert await world.asks("SELECT count(*) FROM replies") == 25
    assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 1
