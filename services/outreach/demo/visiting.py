"""Somebody opens the page behind a link, as a browser does, and taps."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from outreach.demo.happenings import Visited
from schemas.light_check import Fact

#: What whoever holds the link may do; all else asks for the light check.
_OPEN_TO_ALL: Final = frozenset({"stop", "talk", "not-me"})
_FORM_KEY: Final = re.compile(r'name="form" value="([^"]+)"')


class PageRefused(Exception):
    """The page did not do what its own form asked for."""


async def visit(visited: Visited, *, answers: Mapping[Fact, str]) -> None:
    """Open the page, pass the light check where it is asked for, and tap.

    Raises:
        PageRefused: the page does not say that it is done.
    """
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(visited.link) as answer:
            page = await answer.text()
        if visited.action not in _OPEN_TO_ALL:
            page = await _post(browser, visited.link, "unlock", dict(answers), page=page)
        await _post(browser, visited.link, visited.action, visited.fields, page=page)


async def _post(
    browser: aiohttp.ClientSession,
    link: str,
    action: str,
    fields: Mapping[Any, str | tuple[str, ...]],
    *,
    page: str,
) -> str:
    """Send a form of the page, and return the page that follows."""
    key = _FORM_KEY.search(page)
    form = aiohttp.FormData({"form": key[1] if key else ""})
    for name, value in fields.items():
        for text in (value,) if isinstance(value, str) else value:
            form.add_field(name, text)
    async with browser.post(f"{link}/{action}", data=form) as answer:
        is_done = action == "unlock" or "/done/" in answer.url.path
        if answer.status != HTTPStatus.OK or not is_done:
            raise PageRefused(f"{action}: {answer.status}")
        return await answer.text()
