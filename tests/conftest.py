"""What every suite stands on, each part imported for who asks for it: a test of one rule starts no server.

Tests are marked here, by what they use and where they stand: `database`, `broker`, `browser`, `pure`.
"""

import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.loopback import only_this_machine

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from foundation.database import Database
    from tests.support.broker import Broker
    from tests.support.databases import Databases
    from tests.support.servers import Servers

#: The suites of what decides and says without asking anything: no server, no network, no clock.
PURE_SUITES = {"planning", "policy", "understanding", "wording"}

_TESTS = Path(__file__).parent

#: Whoever uses one of these fixtures, even through another, carries the mark.
_MARKS = {"databases": "database", "kafka": "broker", "servers": "processes", "browser": "browser"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to show the statements of a failing test, and to insist on tests of a mark."""
    parser.addoption("--sql", action="store_true", help="show the SQL of failing tests, with its parameters")
    parser.addoption(
        "--require", action="append", default=[], metavar="MARK", help="fail unless such a test ran"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch, in the process that reports, that what `--require` names did run."""
    if marks := config.getoption("--require"):
        from tests.support.required import Required

        config.pluginmanager.register(Required(marks))


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Set hypothesis up before the first file that uses it is imported, and only then."""
    if isinstance(collector, pytest.Module) and "hypothesis" in collector.path.read_text():
        import hypothesis

        # How fast an example is says more about the machine's other work than about ours.
        too_slow = hypothesis.HealthCheck.too_slow
        hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[too_slow])
        hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the servers it uses, and `pure` where nothing in its file uses any."""
    uses = {item: _servers_of(item) for item in items}
    served = {item.path for item, servers in uses.items() if servers}
    for item, servers in uses.items():
        for server in servers:
            item.add_marker(server)
        if _suite_of(item) in PURE_SUITES and item.path not in served:
            item.add_marker("pure")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let hypothesis go where no test uses it: its plugin would import all of it for the summary."""
    if "hypothesis" not in sys.modules and not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.unregister(name="hypothesispytest")


def _servers_of(item: pytest.Item) -> list[str]:
    fixtures = getattr(item, "fixturenames", ())
    return [mark for fixture, mark in _MARKS.items() if fixture in fixtures]


def _suite_of(item: pytest.Item) -> str:
    return item.path.relative_to(_TESTS).parts[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Let no test talk to anything but this machine, unless it was given servers elsewhere."""
    if "DATABASE_URL" in os.environ or "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        yield
        return
    with only_this_machine():
        yield


@pytest.fixture(scope="session")
def databases() -> "Iterator[Databases]":
    """Databases by the number, on the server of DATABASE_URL or else on one of our own."""
    from tests.support.provided import provided_databases

    yield from provided_databases()


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, databases: "Databases") -> AsyncIterator[str]:
    """A fresh database, migrated as the service of the mark `migrated` is: outreach, where there is no mark.

    `migrated("preferences")` gives the other service's tables, `migrated("foundation")` what both share,
    `migrated(None)` an empty database. With `--sql` its statements are shown where the test fails.
    """
    mark = request.node.get_closest_marker("migrated")
    url = await databases.fresh(mark.args[0] if mark else "outreach")
    if not request.config.getoption("--sql"):
        yield url
    else:
        async with databases.printing_statements(url):
            yield url
    await databases.drop(url)


@pytest.fixture
async def database(database_url: str) -> "AsyncIterator[Database]":
    """A pool on `database_url`, every connection of it open."""
    from foundation.database import Database

    async with Database.open(database_url, size=4, name="test") as opened:
        yield opened


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Broker]":
    """Apache Kafka: that of KAFKA_BOOTSTRAP_SERVERS, or else our own, started when a test asks."""
    from tests.support.provided import provided_broker

    yield from provided_broker(tmp_path_factory.mktemp("kafka"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> "AsyncIterator[Browser]":
    """A real Chromium, for tests that are marked `asyncio(loop_scope="session")`: it lives so long."""
    from tests.support.browser import provided_browser

    async for opened in provided_browser():
        yield opened


@pytest.fixture
def servers(tmp_path: Path) -> "Iterator[Servers]":
    """A place to start the product's parts as processes; none outlives the test."""
    from tests.support.servers import Servers

    started = Servers(tmp_path)
    yield started
    started.stop_all()


@pytest.fixture(scope="session")
def vendor_specs() -> Path:
    """The folder of the vendors' OpenAPI specs, which are read where they lie and never committed."""
    folder = os.environ.get("OUTREACH_VENDOR_SPECS")
    if folder is None:
        pytest.skip("OUTREACH_VENDOR_SPECS does not name the folder of the vendors' OpenAPI specs")
    assert list(Path(folder).glob("*.json")), f"OUTREACH_VENDOR_SPECS={folder} holds no specs"
    return Path(folder)


@pytest.fixture(autouse=True)
def no_log_outlives_its_stream() -> Iterator[None]:
    """Take away what a command that ran within a test logged to: its stream ends with the command."""
    yield
    for handler in list(logging.getLogger().handlers):
        if isinstance(handler, logging.StreamHandler) and getattr(handler.stream, "closed", False):
            logging.getLogger().removeHandler(handler)
