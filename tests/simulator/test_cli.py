"""`simulator run` as `make up` runs it: a process of its own, told by its environment, ended by SIGTERM."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from outreach.model.outcome import Accepted
from outreach.providers.twilio.sending import Twilio
from tests.providers.messages import a_text
from tests.simulator.conftest import ACCOUNT

_RUN = "from simulator.cli import cli; cli()"


@asynccontextmanager
async def running(*options: str, env: Mapping[str, str] | None = None) -> AsyncIterator[str]:
    """Run the command, yield its URL, end it, and expect it to end well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RUN, "run", "--port", "0", *options, env=env, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        (url,) = re.findall(r"http://127\.0\.0\.1:\d+", line)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


def a_twilio(session: ClientSession, url: str) -> Twilio:
    return Twilio(
        session=session,
        account_sid=ACCOUNT,
        auth_token="token",
        base_url=url,
        timeout=timedelta(seconds=5),
    )


@pytest.mark.parametrize("options", [(), ("--quiet",)], ids=["the simulator", "the stub for benches"])
async def test_it_serves_until_it_is_told_to_stop(session: ClientSession, options: tuple[str, ...]) -> None:
    async with running(*options) as url:
        outcome = await a_twilio(session, url).send(a_text(status_url=f"{url}/nowhere"))
        async with session.get(f"{url}/health/live") as answer:
            assert (await answer.json())["status"] == "ok"

    assert isinstance(outcome, Accepted)


async def test_its_environment_tells_it_what_to_expect(session: ClientSession) -> None:
    env = {"SIMULATOR_TWILIO__ACCOUNT_SID": ACCOUNT, "SIMULATOR_TWILIO__AUTH_TOKEN": "another"}
    async with running(env=env) as url:
        outcome = await a_twilio(session, url).send(a_text(status_url=f"{url}/nowhere"))

    assert not isinstance(outcome, Accepted)
