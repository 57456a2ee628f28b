"""What happens to a service's database as a whole: it is copied, put back as it was, and fails over."""

import asyncio
import json
from collections.abc import Sequence
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from tests.soak.fleet import ROLES, Fleet
from tests.soak.inside import count_unpublished
from tests.support.eventually import eventually

_PATIENCE: Final = 180
_TURN_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
_CUT = "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
_LEFT = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid = ANY($2)"
#: The roles of each service in the order in which they are stopped: the relay publishes what the others left.
_ROLES_OF: Final = {
    "preferences": ("preferences",),
    "outreach": (*(role for role in ROLES if role not in ("relay", "preferences")), "relay"),
}


class Databases:
    """The databases of a fleet; the server must stay as it is while one of these is under way."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._numbers = count(1)

    async def back_up(self, service: str) -> str:
        """Copy a database, which lets nobody in meanwhile; return the name of the copy."""
        name, copy = self._name(service), f"{service}_copy_{next(self._numbers)}"
        server = await self._open()
        try:
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await _turn_out(server, name)
            await server.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        finally:
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await server.close()
        return copy

    async def restore(self, service: str, copy: str) -> None:
        """Put the copy in the place of the database, in the order that the docs say, and go on with it."""
        roles = _ROLES_OF[service]
        await self._fleet.rest(*roles[:-1])
        # What a relay did not publish is known to the lost database alone.
        await eventually(lambda: self._is_published(service), within=_PATIENCE, what="all is published")
        await self._fleet.rest(roles[-1])
        await self._put_in_place(service, copy)
        await self._fleet.go_on(*roles)

    async def recover(self, service: str) -> None:
        """Wait until the service has read what its database lacks, and say that it may go on."""

        async def goes_on() -> bool:
            gaps = await self._list_gaps(service)
            if not gaps:
                return True
            if any(gap["missing"] for gap in gaps):
                return False
            await self._fleet.command(service, "recover", "--accept-loss")
            return False

        await eventually(goes_on, within=_PATIENCE, every=0.5, what=f"{service} has recovered")

    async def fail_over(self, service: str, *, seconds: float) -> None:
        """Have the database take no writes for a while, and cut its connections at both ends of it."""
        name = self._name(service)
        server = await self._open()
        try:
            await server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            await _cut(server, name)
            await asyncio.sleep(seconds)
        finally:
            await server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            await _cut(server, name)
            await server.close()

    async def _put_in_place(self, service: str, copy: str) -> None:
        name = self._name(service)
        server = await self._open()
        try:
            await _turn_out(server, name)
            await server.execute(f"ALTER DATABASE {name} RENAME TO {copy}_lost")
            await server.execute(f"ALTER DATABASE {copy} RENAME TO {name}")
        finally:
            await server.close()

    async def _open(self) -> asyncpg.Connection:
        """Connect to the server, which may be recovering from a session that was killed."""

        async def connects() -> asyncpg.Connection:
            try:
                return await asyncpg.connect(self._fleet.mortals.database_url)
            except (OSError, asyncpg.PostgresError) as error:
                raise AssertionError from error

        return await eventually(connects, within=_PATIENCE, every=0.2, what="the server lets us in")

    async def _is_published(self, service: str) -> bool:
        return await count_unpublished(self._fleet.wiring.urls[service]) == 0

    async def _list_gaps(self, service: str) -> Sequence[Any]:
        code, said = await self._fleet.command(service, "recover", "--json")
        return list(json.loads(said)) if code == 0 else [{"missing": True}]

    def _name(self, service: str) -> str:
        return urlsplit(self._fleet.wiring.urls[service]).path.removeprefix("/")


async def _cut(server: asyncpg.Connection, name: str) -> None:
    """End the sessions that a database has now; whoever was in one may come back at once, and does."""
    ended = [row["pid"] for row in await server.fetch(_CUT, name)]

    async def are_gone() -> bool:
        return not await server.fetch(_LEFT, name, ended)

    await eventually(are_gone, within=30, what=f"the sessions of {name} have ended")


async def _turn_out(server: asyncpg.Connection, name: str) -> None:
    """End every session of a database; return when none is left."""

    async def is_empty() -> bool:
        return not await server.fetch(_TURN_OUT, name)

    await eventually(is_empty, within=30, what=f"nobody is in {name}")
