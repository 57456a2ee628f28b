"""The servers of a test run: those that the environment names, or else our own."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from foundation.local.kafka import running_kafka
from foundation.local.postgres import running_postgres
from foundation.local.processes import ServerUnavailable
from tests.support.broker import Broker
from tests.support.databases import Databases


def provided_databases() -> Iterator[Databases]:
    """Yield databases by the number, on the server of DATABASE_URL or else on one of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield from _databases_of(url)
        return
    try:
        # Not in pytest's own folder: where we are root, the user whom PostgreSQL runs as cannot enter that.
        with TemporaryDirectory(prefix="pg-") as home, running_postgres(Path(home), durable=False) as server:
            yield from _databases_of(server.url, log=server.log)
    except ServerUnavailable as problem:
        skip_or_fail(problem, required_by="OUTREACH_REQUIRE_POSTGRES")


def _databases_of(url: str, *, log: Path | None = None) -> Iterator[Databases]:
    databases = Databases(url, log=log)
    yield databases
    asyncio.run(databases.drop_all())


def provided_broker(home: Path) -> Iterator[Broker]:
    """Yield Apache Kafka: that of KAFKA_BOOTSTRAP_SERVERS, or else our own, with its data in `home`."""
    if address := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield Broker(address)
        return
    try:
        with running_kafka(home) as server:
            yield Broker(server.address)
    except ServerUnavailable as problem:
        skip_or_fail(problem, required_by="OUTREACH_REQUIRE_KAFKA")


def skip_or_fail(problem: ServerUnavailable, *, required_by: str) -> None:
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{required_by}=1, but {problem}", pytrace=False)
    pytest.skip(str(problem))
