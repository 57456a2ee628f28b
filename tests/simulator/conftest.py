"""A simulator, our own providers that call it, and an outreach that listens to what it reports."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from foundation.clock import ManualClock
from outreach.providers.connection import open_session
from simulator.app import Simulator, running_simulator
from simulator.settings import Settings

ACCOUNT = "AC" + "1" * 32
CLOCK = ManualClock(datetime(2026, 6, 9, 12, 0, tzinfo=UTC))
SETTINGS = Settings(
    account_sid=ACCOUNT,
    auth_token="token",
    api_key="SG.key",
    receipt_delay=timedelta(0),
    seed="test",
)


@dataclass
class Heard:
    """One request that the simulator made."""

    path: str
    headers: dict[str, str]
    body: bytes
    url: str


@dataclass
class Listener:
    """Stands where outreach would: it takes everything, after refusing as often as told."""

    url: str = ""
    refusals: int = 0
    heard: list[Heard] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        url = f"{self.url}{request.rel_url}"
        self.heard.append(Heard(request.path, dict(request.headers), await request.read(), url))
        return web.Response(status=204)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/{any:.*}", listener.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield listener
    await runner.cleanup()


@pytest.fixture
async def simulator(listener: Listener) -> AsyncIterator[Simulator]:
    async with running_simulator(replace(SETTINGS, outreach_url=listener.url), clock=CLOCK) as simulator:
        yield simulator


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with open_session() as session:
        yield session


@pytest.fixture
def specs() -> Path:
    """The folder with the vendors' OpenAPI documents, which may be read but not shipped."""
    folder = os.environ.get("OUTREACH_VENDOR_SPECS")
    if not folder:
        pytest.skip("OUTREACH_VENDOR_SPECS names no folder with the vendors' OpenAPI documents")
    return Path(folder)
