"""What hangs is noticed, where it hangs is told, and nothing else is taken for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from foundation.pulse import Hangs, Pulse
from tests.support.eventually import eventually

LOOKS_EVERY = timedelta(milliseconds=5)


@asynccontextmanager
async def watched(pulse: Pulse) -> AsyncIterator[asyncio.Task[None]]:
    stop = asyncio.Event()
    watching = asyncio.create_task(pulse.watch(stop))
    try:
        yield watching
    finally:
        stop.set()
        await asyncio.wait([watching])


async def waits_for_good(pulse: Pulse) -> None:
    pulse.beat()
    await waits()


async def waits() -> None:
    await asyncio.Event().wait()


async def test_what_hangs_is_noticed_and_the_log_says_where() -> None:
    pulse = Pulse(looks_every=LOOKS_EVERY)
    work = asyncio.create_task(waits_for_good(pulse))

    with structlog.testing.capture_logs() as logged:
        async with watched(pulse) as watching:
            await eventually(watching.done)
    work.cancel()

    assert isinstance(watching.exception(), Hangs)
    (line,) = logged
    assert [each.split(" ")[1] for each in line["waits_in"]] == ["waits_for_good", "waits", "Event.wait"]


async def test_what_has_not_begun_or_rests_or_goes_on_does_not_hang() -> None:
    pulse = Pulse(looks_every=LOOKS_EVERY)
    async with watched(pulse) as watching:
        await asyncio.sleep(0.2)
        for _ in range(40):
            pulse.beat()
            await asyncio.sleep(0.005)
        pulse.rest()
        await asyncio.sleep(0.2)
        assert not watching.done()

    assert watching.exception() is None
