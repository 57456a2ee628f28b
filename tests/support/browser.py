"""A real Chromium without a window, for the tests that open pages as people do."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.chromium import NAMED_BY, find_chromium

#: No sandbox, for tests often run as root; and nothing asked of anybody but this machine.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def chromium_or_skip() -> str:
    """Return the path of this machine's Chromium; without one the test is skipped, or fails."""
    path = find_chromium()
    if path is not None:
        return path
    problem = f"there is no Chromium: make browser, or {NAMED_BY}=/path/to/chromium"
    if os.environ.get("OUTREACH_REQUIRE_BROWSER") == "1":
        pytest.fail(f"OUTREACH_REQUIRE_BROWSER=1, but {problem}", pytrace=False)
    pytest.skip(problem)


async def provided_browser() -> AsyncIterator[Browser]:
    """Yield the browser; each test opens a context of its own in it, which remembers nothing of others."""
    path = chromium_or_skip()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()
