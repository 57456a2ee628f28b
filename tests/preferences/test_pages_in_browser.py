"""The pages as people open them: on a small phone, by keyboard, large, in the dark, without script."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.support.page_site import PageSite, page_site
from tests.support.page_states import names

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: One of each kind of page, those with most on them first; `make test-slow` looks at all of them.
KINDS = (
    "stranger who wrote something else",
    "person with wishes",
    "hours that do not fit",
    "channels",
    "language",
    "pause",
    "talk that does not fit",
    "done: stop",
    "unknown link",
    "unsubscribe",
)
#: Of WCAG 2.2, levels A and AA, and what else axe knows to be good.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
SMALL: Mapping[str, Any] = {"viewport": {"width": 320, "height": 568}}

_WIDER_THAN_ITS_PLACE = """() => [...document.querySelectorAll('body, body *:not(svg, svg *)')]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1 ||
    element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display != 'inline' &&
    !['SELECT', 'TEXTAREA', 'INPUT'].includes(element.tagName))
  .map(element => element.outerHTML.slice(0, 90))"""
_SMALLER_THAN_A_FINGER = """() =>
  [...document.querySelectorAll('button, select, textarea, input:not([type=hidden])')]
  .map(element => (element.closest('label') ?? element).getBoundingClientRect())
  .filter(box => box.height < 44 || box.width < 44).length"""
_FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element);
  return {tag: element.tagName, outline: style.outlineStyle == 'none' ? 0 : parseFloat(style.outlineWidth)};
}"""
_STOPS = (
    "() => document.querySelectorAll('a[href], button, select, textarea, input:not([type=hidden])').length"
)
_COLORS = """() => {
  const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
  return {first: of('button.first', 'backgroundColor'), label: of('button.first', 'color'),
    ground: of('body', 'backgroundColor'), open: of('.week .open', 'fill'),
    border: [of('button', 'borderTopStyle'), of('button', 'borderTopWidth')]};
}"""


@asynccontextmanager
async def opened(browser: Browser, **how: Any) -> AsyncIterator[tuple[PageSite, Page]]:
    """Serve the pages, and open a tab that has never been anywhere."""
    async with page_site() as site:
        context = await browser.new_context(**how)
        page = await context.new_page()
        try:
            yield site, page
        finally:
            await context.close()


async def faults_that_axe_finds(page: Page) -> list[str]:
    found = await Axe().run(page, options=RULES)
    return [
        f"{fault['id']}: {node['html'][:90]}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]


async def test_axe_finds_nothing_where_there_is_most(browser: Browser) -> None:
    async with opened(browser, **SMALL) as (site, page):
        for name in KINDS[:4]:
            await page.goto(site.address("en", name))
            assert await faults_that_axe_finds(page) == [], name


async def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    async with opened(browser) as (site, page):
        await page.goto(site.address("en", "stranger"))
        await page.evaluate("() => { document.querySelector('.lead').style.color = '#bbb'; }")
        await page.evaluate("() => document.querySelector('label').remove()")

        found = [fault.partition(":")[0] for fault in await faults_that_axe_finds(page)]

    assert {"color-contrast", "label"} <= set(found)


async def test_a_page_fits_a_small_phone_and_every_finger(browser: Browser) -> None:
    async with opened(browser, **SMALL) as (site, page):
        for name in KINDS:
            await page.goto(site.address("es", name))
            assert await page.evaluate(_WIDER_THAN_ITS_PLACE) == [], name
            assert await page.evaluate(_SMALLER_THAN_A_FINGER) == 0, name


async def test_text_twice_as_large_still_fits(browser: Browser) -> None:
    async with opened(browser, **SMALL) as (site, page):
        for name in KINDS:
            await page.goto(site.address("es", name))
            await page.evaluate("() => { document.documentElement.style.fontSize = '225%'; }")
            assert await page.evaluate(_WIDER_THAN_ITS_PLACE) == [], name


async def test_a_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser) -> None:
    async with opened(browser, **SMALL) as (site, page):
        for name in KINDS:
            await page.goto(site.address("en", name))
            for _ in range(await page.evaluate(_STOPS)):
                await page.keyboard.press("Tab")
                focused = await page.evaluate(_FOCUSED)
                assert focused["tag"] != "BODY", name
                assert focused["outline"] >= 2, (name, focused)


async def test_the_first_tab_and_enter_stop(browser: Browser) -> None:
    async with opened(browser) as (site, page):
        await page.goto(site.address("en", "stranger"))

        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/a-token?lang=en&done=1")

        assert site.posted == [("/p/a-token/stop", {"form": ["a-key"]})]


async def test_without_script_a_form_is_filled_in_and_posted(browser: Browser) -> None:
    async with opened(browser, java_script_enabled=False) as (site, page):
        await page.goto(site.address("es", "hours"))
        await page.get_by_label("martes").check()
        await page.get_by_label("No antes de").select_option("09:00")
        await page.get_by_label("No después de").select_option("17:30")
        await page.get_by_role("button", name="Solo a estas horas").click()
        await page.wait_for_url("**/a-token?lang=es&done=1")

        assert site.posted == [
            (
                "/p/a-token/hours",
                {"form": ["a-key"], "days": ["tue"], "begins": ["09:00"], "ends": ["17:30"]},
            )
        ]


async def test_in_forced_colors_buttons_and_bars_are_seen(browser: Browser) -> None:
    async with opened(browser, forced_colors="active") as (site, page):
        await page.goto(site.address("en", "hours chosen"))

        colors = await page.evaluate(_COLORS)

    assert colors["first"] != colors["label"]
    assert colors["open"] != colors["ground"]
    assert colors["border"] == ["solid", "2px"]


async def test_what_is_printed_can_be_read_and_asks_for_nothing(browser: Browser) -> None:
    async with opened(browser, color_scheme="dark") as (site, page):
        await page.goto(site.address("en", "done: stop"))
        await page.emulate_media(media="print")

        assert not await page.get_by_role("button").is_visible()
        assert (
            await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
            == "rgb(255, 255, 255)"
        )
        assert await page.get_by_text("We will send no more texts to this number.").is_visible()


async def test_on_a_slow_network_a_page_is_two_small_answers(browser: Browser) -> None:
    async with opened(browser) as (site, page):
        slow = await page.context.new_cdp_session(page)
        await slow.send("Network.enable")
        # A train in the country: 50 kbit/s, 400 ms until anything comes.
        await slow.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 400, "downloadThroughput": 6250, "uploadThroughput": 6250},
        )
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        await page.goto(site.address("en", "stranger"), wait_until="load")

        style = f"{site.url}/p/{site.pages.look.style}"
        assert [url for url in asked if url != "data:,"] == [site.address("en", "stranger"), style]
        assert await page.get_by_role("button", name="Stop texts to this number").is_visible()


async def test_a_page_asks_nobody_else_and_keeps_nothing(browser: Browser) -> None:
    async with opened(browser) as (site, page):
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        for name in KINDS:
            await page.goto(site.address("en", name))

        assert [
            url
            for url in asked
            if not url.startswith((f"{site.url}/p/", f"{site.url}/unsubscribe/", "data:,"))
        ] == []
        assert said == []
        assert await page.context.cookies() == []
        assert await page.evaluate("() => localStorage.length + sessionStorage.length") == 0


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_in_every_state_fits_and_axe_finds_nothing(
    browser: Browser, language: str, scheme: str
) -> None:
    async with opened(browser, color_scheme=scheme, **SMALL) as (site, page):
        for name in names(language):
            await page.goto(site.address(language, name))
            assert await page.evaluate(_WIDER_THAN_ITS_PLACE) == [], name
            assert await page.evaluate(_SMALLER_THAN_A_FINGER) == 0, name
            assert await faults_that_axe_finds(page) == [], name


@pytest.mark.slow
@pytest.mark.parametrize("zoom", [2, 4])
async def test_every_page_can_be_used_in_a_large_zoom(browser: Browser, zoom: int) -> None:
    window = {"width": 1280 // zoom, "height": 1024 // zoom}
    async with opened(browser, viewport=window, device_scale_factor=zoom) as (site, page):
        for name in names("en"):
            await page.goto(site.address("en", name))
            assert await page.evaluate(_WIDER_THAN_ITS_PLACE) == [], name


@pytest.mark.slow
async def test_axe_finds_nothing_in_forced_colors(browser: Browser) -> None:
    async with opened(browser, forced_colors="active") as (site, page):
        for name in KINDS:
            await page.goto(site.address("en", name))
            assert await faults_that_axe_finds(page) == [], name
