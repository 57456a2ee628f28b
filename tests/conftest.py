"""What every suite stands on: a real PostgreSQL, a real Kafka, and no network but this machine's own."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest

from foundation.database import Database
from foundation.local.kafka import running_kafka
from foundation.local.postgres import running_postgres
from foundation.local.processes import ServerUnavailable
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.loopback import only_this_machine
from tests.support.servers import Servers

# How fast an example is says more about the machine's other work than about ours.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Let no test talk to anything but this machine, unless it was given servers elsewhere."""
    if "DATABASE_URL" in os.environ or "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        yield
        return
    with only_this_machine():
        yield


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Databases by the number, on the server of DATABASE_URL or else on one of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield from _databases_of(url)
        return
    try:
        # Not in pytest's own folder: where we are root, the user whom PostgreSQL runs as cannot enter that.
        with TemporaryDirectory(prefix="pg-") as home, running_postgres(Path(home), durable=False) as server:
            yield from _databases_of(server.url)
    except ServerUnavailable as problem:
        _skip_or_fail(problem, required_by="OUTREACH_REQUIRE_POSTGRES")


def _databases_of(url: str) -> Iterator[Databases]:
    databases = Databases(url)
    yield databases
    asyncio.run(databases.drop_all())


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[str]:
    """A fresh database, migrated as the service of the mark `migrated` is: outreach, where there is no mark.

    `migrated("preferences")` gives the other service's tables, `migrated("foundation")` what both share,
    `migrated(None)` an empty database.
    """
    mark = request.node.get_closest_marker("migrated")
    url = await databases.fresh(mark.args[0] if mark else "outreach")
    yield url
    await databases.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on `database_url`, every connection of it open."""
    async with Database.open(database_url, size=4, name="test") as opened:
        yield opened


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Apache Kafka: that of KAFKA_BOOTSTRAP_SERVERS, or else our own, started when a test asks."""
    if address := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield Broker(address)
        return
    try:
        with running_kafka(tmp_path_factory.mktemp("kafka")) as server:
            yield Broker(server.address)
    except ServerUnavailable as problem:
        _skip_or_fail(problem, required_by="OUTREACH_REQUIRE_KAFKA")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """A place to start the product's parts as processes; none outlives the test."""
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


def _skip_or_fail(problem: ServerUnavailable, *, required_by: str) -> None:
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{required_by}=1, but {problem}", pytrace=False)
    pytest.skip(str(problem))
