"""Pages of the preference center, 200 a second beside sending: how soon each is there, and what sending notices.

The center is the service itself, a process of its own on a real PostgreSQL, with the limits that it has
anywhere: people come from addresses of their own, as a proxy tells them. Most look at the page that a stranger
sees, some pass the light check and look further, one in twenty chooses something. Views are due at their time
however long the one before took, so whoever had to wait is counted as having waited.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp

from bench import agency, cpu
from bench.figures import Figure, p99_beside, percentile
from bench.ingest import publish
from bench.servers import Postgres
from bench.steady import CALLED, burst, evenly, lateness, running, until
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from schemas import topics
from schemas.light_check import digest_of_fact
from scripts.parts import CHECK_KEY, Wiring

GOAL: Final = 200
#: Who looks gets no messages, for whoever takes a break would be waited for.
_READERS: Final = range(5_000_000, 5_002_000)
_ZIP, _YEAR = "80202", "1980"
#: Somebody reads for so long before they go on, in seconds.
_READS_FOR: Final = 2.0
_FORM_KEY: Final = re.compile(r'name="form" value="([^"]+)"')
_STYLE: Final = re.compile(r'href="(/p/style[^"]+)"')
_OK, _SEE_OTHER = 200, 303


@dataclass(frozen=True, slots=True)
class Step:
    """One view: a page that is opened, or a form that is sent and the page it leads to."""

    place: str = ""
    form: Mapping[str, str] | None = None
    shows: str = "<h1"


_HOME = Step()
_UNLOCK = Step("unlock", {"postal_code": _ZIP, "birth_year": _YEAR}, shows="/stop-all?")
_PAUSE = Step("pause", {"span": "two_weeks"}, shows='name="change"')
#: What twenty visitors do: 33 views, four light checks and one choice.
_VISITS: Final[Sequence[Sequence[Step]]] = (
    *([(_HOME,)] * 12),
    *([(_HOME, Step("not-me"))] * 4),
    *([(_HOME, _UNLOCK, Step("hours"))] * 3),
    (_HOME, _UNLOCK, Step("pause"), _PAUSE),
)
_VIEWS_OF_A_VISIT: Final = sum(map(len, _VISITS)) / len(_VISITS)


async def measure(server: Postgres, kafka: str, *, messages: int, seconds: int) -> list[Figure]:
    """Send a quarter of what the system bears, first alone and then beside readers, each for so long."""
    settings = KafkaSettings(bootstrap_servers=kafka)
    await create_topics(settings, list(topics.TOPICS.values()))
    urls = {
        name: await server.migrated(f"views_{name}", package=name) for name in ("outreach", "preferences")
    }
    with TemporaryDirectory(prefix="bench-views-") as home, running(Path(home), urls, kafka) as system:
        async with Database.open(urls["outreach"], size=2, name="bench") as database:
            await _meet_readers(database, settings)
            bears = await burst(database, settings, people=range(messages))
            wanted = max(int(bears / 4 * seconds), 1)
            alone, beside = (range(messages + n * wanted, messages + (n + 1) * wanted) for n in (0, 1))
            await evenly(database, settings, people=alone, seconds=seconds, roles=system.pids)
            sending = asyncio.create_task(
                evenly(database, settings, people=beside, seconds=seconds, roles=system.pids)
            )
            # Its messages are due half a minute after what they are about.
            await until(database, CALLED, beside.start + 1)
            meter = cpu.Meter({"preferences": system.pids["preferences"], "postgres": server.pid})
            seen = await _look(system.wiring, seconds=seconds)
            spent = meter.microseconds_per(seen.asked)
            await sending
            lates = [await lateness(database, of=people) for people in (alone, beside)]
    rate = wanted / seconds
    return [_pages(seen, rate=rate, spent=spent), _late(*lates, rate=rate, bears=bears)]


async def _meet_readers(database: Database, settings: KafkaSettings) -> None:
    """Have preferences know whoever will look, and wait until outreach has heard of them too."""
    at = SystemClock().now() - timedelta(days=3)
    await publish(settings, [_reader(number, at=at) for number in _READERS])
    await until(database, "SELECT count(*) FROM snapshots", len(_READERS))


def _reader(number: int, *, at: datetime) -> agency.Published:
    person = agency.person_id(number)
    digests = {
        "postal_code": digest_of_fact(CHECK_KEY, person, "postal_code", _ZIP),
        "birth_year": digest_of_fact(CHECK_KEY, person, "birth_year", _YEAR),
    }
    data = {"emails": [{"address": _email(number)}], "zones": ["America/Denver"], "light_check": digests}
    return agency.event("person.changed", number, name="1", at=at, data=data)


def _email(number: int) -> str:
    return f"person{number}@example.com"


@dataclass(slots=True)
class Seen:
    """How long each page took from when it was due, in milliseconds; and what was no page, by what it was.

    `asked` counts every request: forms, pages and stylesheets.
    """

    asked: int = 0
    took: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    choices: int = 0
    seconds: float = 0.0


async def _look(wiring: Wiring, *, seconds: int) -> Seen:
    """Have as many people look as make 200 views a second, for so long."""
    seen, chance, began = Seen(), Random(17), time.monotonic()
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        visits = []
        for n in range(round(GOAL / _VIEWS_OF_A_VISIT * seconds)):
            starts = began + n * _VIEWS_OF_A_VISIT / GOAL
            await asyncio.sleep(max(starts - time.monotonic(), 0))
            reader = _Reader(session, wiring, chance.choice(_READERS), seen)
            steps = _VISITS[n * 7 % len(_VISITS)]
            visits.append(asyncio.create_task(_visit(reader, steps, starts=starts, seen=seen)))
        await asyncio.gather(*visits)
    seen.seconds = time.monotonic() - began
    return seen


async def _visit(reader: "_Reader", steps: Sequence[Step], *, starts: float, seen: Seen) -> None:
    for n, step in enumerate(steps):
        due = starts + n * _READS_FOR
        await asyncio.sleep(max(due - time.monotonic(), 0))
        try:
            status, page = await reader.take(step)
        except aiohttp.ClientError as error:
            seen.wrong[type(error).__name__] += 1
            return
        if status != _OK or step.shows not in page:
            seen.wrong[f"{step.place or 'page'}: {status}"] += 1
            return
        seen.took.append((time.monotonic() - due) * 1000)
        seen.choices += step is _PAUSE
        if n == 0:
            # Every browser asks for this once, and keeps it.
            await reader.fetch_style(page)


class _Reader:
    """Somebody's browser on their page, at a network address of their own, behind the proxy of an agency."""

    def __init__(self, session: aiohttp.ClientSession, wiring: Wiring, number: int, seen: Seen) -> None:
        link = wiring.link_for(agency.person_id(number), _email(number), today=SystemClock().now().date())
        self._site, _, token = link.partition("/p/")
        self._path = f"/p/{token}"
        self._session = session
        self._seen = seen
        self._headers = {"X-Forwarded-For": ".".join(map(str, (10, *number.to_bytes(3, "big"))))}
        self._form_key = ""

    async def take(self, step: Step) -> tuple[int, str]:
        """Open a page, or send a form and go where it leads; return the status and text of what is shown."""
        place = f"{self._path}/{step.place}" if step.place else self._path
        if step.form is None:
            return await self._get(place)
        url, fields = self._site + place, {"form": self._form_key, **step.form}
        self._seen.asked += 1
        async with self._session.post(url, data=fields, headers=self._headers, allow_redirects=False) as sent:
            self._keep_cookie(sent)
            if sent.status != _SEE_OTHER:
                return sent.status, await sent.text()
            place = sent.headers["Location"]
        return await self._get(place)

    async def _get(self, place: str) -> tuple[int, str]:
        self._seen.asked += 1
        async with self._session.get(self._site + place, headers=self._headers) as answer:
            page = await answer.text()
            self._keep_cookie(answer)
        found = _FORM_KEY.search(page)
        self._form_key = found[1] if found else self._form_key
        return answer.status, page

    def _keep_cookie(self, answer: aiohttp.ClientResponse) -> None:
        if given := answer.headers.get("Set-Cookie"):
            self._headers["Cookie"] = given.partition(";")[0]

    async def fetch_style(self, page: str) -> None:
        style = _STYLE.search(page)
        assert style is not None
        self._seen.asked += 1
        async with self._session.get(self._site + style[1], headers=self._headers) as answer:
            await answer.read()


def _pages(seen: Seen, *, rate: float, spent: Mapping[str, float]) -> Figure:
    reached = len(seen.took) / seen.seconds
    return Figure(
        name=f"pages of the preference center beside {rate:,.0f} messages/s",
        value=reached,
        unit="views/s",
        goal=f"{GOAL}/s for {seen.seconds:.0f} s, none refused",
        # The last visitors go on reading after the last of them has come.
        met=not seen.wrong and reached > 0.9 * GOAL and percentile(seen.took, 0.99) < 1000,
        details={
            "p50_ms": percentile(seen.took, 0.5),
            "p99_ms": percentile(seen.took, 0.99),
            "most_ms": max(seen.took),
            "views": len(seen.took),
            "choices": seen.choices,
            "wrong": dict(seen.wrong),
            "requests": seen.asked,
            "cpu_us_per_request": dict(spent),
        },
    )


def _late(alone: Sequence[float], beside: Sequence[float], *, rate: float, bears: float) -> Figure:
    name = f"lateness of due touches, {rate:,.0f} messages/s beside {GOAL} views a second, p99"
    details = {"messages": len(beside), "bears_messages_per_s": bears}
    return p99_beside(name, beside, alone=alone, details=details)
