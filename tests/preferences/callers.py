"""Other systems that call `/v1` of preferences, over a real socket, each with a token of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp

from foundation import tokens
from foundation.access import Access
from foundation.clock import Clock, ManualClock
from foundation.database import Database
from foundation.serving import serving
from preferences.http.api import api
from tests.preferences.stories import NOW

_keys = count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Caller:
    """Somebody with a token."""

    url: str
    token: str
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, *, body: Any = None, **headers: str) -> Answer:
        given = {
            "Authorization": f"Bearer {self.token}",
            **{n.replace("_", "-"): v for n, v in headers.items()},
        }
        if method != "GET":
            given.setdefault("Idempotency-Key", f"key-{next(_keys)}")
        async with self.session.request(method, self.url + path, json=body, headers=given) as answer:
            return Answer(answer.status, answer.headers, await answer.json(content_type=None))

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def post(self, path: str, body: Any, **headers: str) -> Answer:
        return await self.ask("POST", path, body=body, **headers)

    async def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return await self.ask("PATCH", path, body=body, **headers)


async def minted(database: Database, name: str, *scopes: str) -> str:
    async with database.transaction() as connection:
        return await tokens.mint(connection, name=name, scopes=scopes, per_second=1000, by="tests", now=NOW)


@asynccontextmanager
async def calling(
    database: Database,
    *,
    name: str = "crm",
    scopes: tuple[str, ...] = ("read", "change"),
    clock: Clock | None = None,
) -> AsyncIterator[Caller]:
    clock = clock or ManualClock(NOW)
    token = await minted(database, name, *scopes)
    application = api(database=database, clock=clock, access=Access(database=database, clock=clock))
    async with (
        serving(application, host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession() as session,
    ):
        yield Caller(f"http://127.0.0.1:{port}", token, session)
