"""Fresh databases for tests: migrated once per service, then copied."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg

from foundation.local.postgres import create_database, drop_database
from foundation.migrations import migrate


class Databases:
    """Databases on one server, each of its own name, none shared between tests."""

    def __init__(self, server_url: str, *, log: Path | None = None) -> None:
        """Take the server at `server_url`, whose user may create databases; `log` is what it writes."""
        self.server_url = server_url
        self._log = log
        self._run = token_hex(4)
        self._numbers = count(1)
        self._templates: dict[str, str] = {}
        self._made: list[str] = []

    async def fresh(self, service: str | None = None) -> str:
        """Return the URL of a database that nobody used, with the tables of `service` in it."""
        template = await self._template(service) if service else "template1"
        return await self._create(template)

    async def copy_of(self, url: str) -> str:
        """Return the URL of a copy of a database that nobody uses now: a backup."""
        return await self._create(urlsplit(url).path.removeprefix("/"))

    async def _template(self, service: str) -> str:
        if service not in self._templates:
            url = await self._create("template1")
            await migrate(url, package=service)
            self._templates[service] = self._made[-1]
        return self._templates[service]

    async def _create(self, template: str) -> str:
        # The run's own part keeps two test runs on one given server apart.
        name = f"test_{self._run}_{next(self._numbers)}"
        self._made.append(name)
        return await create_database(self.server_url, name, template=template)

    @asynccontextmanager
    async def printing_statements(self, url: str) -> AsyncIterator[None]:
        """Print every statement of the database of `url` at the end, with its parameters, whoever sent it."""
        if self._log is None:
            raise ValueError(
                "the SQL is read in the log of a server that the tests start: unset DATABASE_URL"
            )
        name = urlsplit(url).path.removeprefix("/")
        connection = await asyncpg.connect(self.server_url)
        try:
            await connection.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
        finally:
            await connection.close()
        yield
        sys.stdout.write("".join(_entries_of(name, await asyncio.to_thread(self._log.read_text))))

    async def drop(self, url: str) -> None:
        """Drop the database of `url`, whoever is still connected to it."""
        name = urlsplit(url).path.removeprefix("/")
        self._made.remove(name)
        await drop_database(self.server_url, name)

    async def drop_all(self) -> None:
        """Leave the server as it was."""
        while self._made:
            await drop_database(self.server_url, self._made.pop())


def _entries_of(database: str, log: str) -> Iterator[str]:
    """Yield the lines of a database, each of which names it, and those that go on from them."""
    ours = False
    for line in log.splitlines(keepends=True):
        # What a statement has on its further lines begins with a tab.
        ours = ours if line.startswith("\t") else f" [{database}] " in line
        if ours:
            yield line
