"""People who open the page behind a link, over a real socket, with a browser's cookies and nothing else."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import aiohttp

from foundation.clock import Clock, ManualClock
from foundation.database import Database
from foundation.health import Health
from foundation.metrics import Metrics
from foundation.pages.look import load_look
from foundation.serving import serving
from preferences.app import METRICS
from preferences.center.session import Sessions
from preferences.http.answers import Answers
from preferences.http.center import Center
from preferences.http.public import LIMITS, RateLimits, public_application
from preferences.http.visits import Visits
from preferences.ledger.name import name_everybody
from preferences.pages.render import Pages
from schemas.light_check import digest_of_fact
from schemas.links import LinkKey
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears

SECRET = "a key that both services hold, of some length"
KEY = LinkKey(SECRET)
#: The key before it, whose links go on working.
OLD_KEY = LinkKey("a key that both services held, of some length")
CHECK_KEY = "a key that the agency and preferences hold"
UNTIL = date(2027, 5, 23)
POSTAL_CODE, BIRTH_YEAR = "80202", "1970"
_FORM_KEY = re.compile(r'name="form" value="([^"]+)"')
_CHANGE = re.compile(r'name="change" value="([^"]+)"')


def link_of(address: str = SMS, *, person: str = ADA, key: LinkKey = KEY, until: date = UNTIL) -> str:
    """Return the path of a link as outreach writes it."""
    return "/p/" + key.sign(person, address, revoked_at=None, expires_on=until)


def facts_of(person: str = ADA) -> dict[str, str]:
    """Return the digests that the agency publishes of a person."""
    return {
        "postal_code": digest_of_fact(CHECK_KEY, person, "postal_code", POSTAL_CODE),
        "birth_year": digest_of_fact(CHECK_KEY, person, "birth_year", BIRTH_YEAR),
    }


async def meets_ada(database: Database, *, has_facts: bool = True) -> None:
    """Have preferences know Ada: her name, number, email, a second number, and facts for the light check."""
    await name_everybody([KEY.names_key, OLD_KEY.names_key], database=database)
    await hears(
        database,
        happened(
            "person.changed",
            names={"given": "Ada", "family": "Example"},
            language="en",
            zones=["America/Denver"],
            phones=[{"number": SMS, "kind": "mobile"}, {"number": "+13035550188", "kind": "landline"}],
            emails=[{"address": EMAIL}],
            light_check=facts_of() if has_facts else None,
        ),
    )


@dataclass(frozen=True)
class Page:
    """What a browser shows in the end, and where it was sent on to."""

    status: int
    text: str
    headers: Mapping[str, str]
    path: str

    @property
    def change(self) -> str:
        """What the button that takes a change back names."""
        found = _CHANGE.search(self.text)
        assert found is not None, "the page offers no way back"
        return found[1]


@dataclass
class Browser:
    """Somebody's browser, on the page of one link."""

    url: str
    session: aiohttp.ClientSession
    path: str
    form_key: str = ""
    seen: list[Page] = field(default_factory=list)

    async def get(self, place: str = "", *, method: str = "GET", **headers: str) -> Page:
        async with self.session.request(method, self.url + self.path + place, headers=headers) as answer:
            return await self._read(answer)

    async def post(self, action: str, fields: Mapping[str, str | Sequence[str]] | None = None) -> Page:
        """Send a form of the last page, and follow where it leads."""
        if not self.form_key:
            await self.get()
        form = aiohttp.FormData({"form": self.form_key})
        for name, value in (fields or {}).items():
            for text in [value] if isinstance(value, str) else value:
                form.add_field(name, text)
        async with self.session.post(f"{self.url}{self.path}/{action}", data=form) as answer:
            return await self._read(answer)

    async def unlock(self, *, postal_code: str = POSTAL_CODE, birth_year: str = BIRTH_YEAR) -> Page:
        return await self.post("unlock", {"postal_code": postal_code, "birth_year": birth_year})

    async def undo(self, page: Page) -> Page:
        return await self.post("undo", {"change": page.change})

    async def _read(self, answer: aiohttp.ClientResponse) -> Page:
        page = Page(answer.status, await answer.text(), answer.headers, answer.url.path)
        found = _FORM_KEY.search(page.text)
        self.form_key = found[1] if found else self.form_key
        self.seen.append(page)
        return page


@dataclass(frozen=True)
class Served:
    """The preference center on a port of this machine."""

    url: str
    metrics: Metrics

    @asynccontextmanager
    async def browser(self, path: str | None = None) -> AsyncIterator[Browser]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(self.url, session, path or link_of())


@asynccontextmanager
async def center(
    database: Database,
    *,
    clock: Clock | None = None,
    check_key: str | None = CHECK_KEY,
    limits: RateLimits | None = None,
    is_private: bool = False,
) -> AsyncIterator[Served]:
    """Serve the preference center on a database; `is_private` as behind a proxy with TLS."""
    pages, sessions = Pages(load_look(None)), Sessions(SECRET)
    metrics = Metrics(prefix="preferences", declared=METRICS)
    application = public_application(
        Center(
            database=database,
            clock=clock or ManualClock(NOW),
            visits=Visits(
                keys=[KEY, OLD_KEY],
                sessions=sessions,
                languages=pages.languages,
                has_checks=check_key is not None,
                is_private=is_private,
            ),
            answers=Answers(pages=pages, sessions=sessions, is_private=is_private),
            check_key=check_key or "",
            metrics=metrics,
        ),
        limits=limits or RateLimits(per_address=10_000, per_link=10_000),
        health=Health(),
    )
    async with serving(application, host="127.0.0.1", port=0, limits=LIMITS) as port:
        yield Served(f"http://127.0.0.1:{port}", metrics)
