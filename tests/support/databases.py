"""Fresh databases for tests: migrated once per service, then copied."""

from itertools import count
from secrets import token_hex
from urllib.parse import urlsplit

from foundation.local.postgres import create_database, drop_database
from foundation.migrations import migrate


class Databases:
    """Databases on one server, each of its own name, none shared between tests."""

    def __init__(self, server_url: str) -> None:
        """Take the server at `server_url`, whose user may create databases."""
        self.server_url = server_url
        self._run = token_hex(4)
        self._numbers = count(1)
        self._templates: dict[str, str] = {}
        self._made: list[str] = []

    async def fresh(self, service: str | None = None) -> str:
        """Return the URL of a database that nobody used, with the tables of `service` in it."""
        template = await self._template(service) if service else "template1"
        return await self._create(template)

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

    async def drop(self, url: str) -> None:
        """Drop the database of `url`, whoever is still connected to it."""
        name = urlsplit(url).path.removeprefix("/")
        self._made.remove(name)
        await drop_database(self.server_url, name)

    async def drop_all(self) -> None:
        """Leave the server as it was."""
        while self._made:
            await drop_database(self.server_url, self._made.pop())
