"""What PostgreSQL alone bears of ingest: the statements of a run, handed over as they were, with no work in between."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bench import agency, rig
from bench.figures import Figure, median
from bench.servers import Postgres
from foundation.database import Connection, Database
from foundation.records import Record

#: As many as there are topics: so many transactions ingest has under way at once.
_AT_ONCE = len(agency.TOPICS)


class _Recording(Database):
    """Remembers each transaction's statements and their parameters."""

    transactions: list[list[Any]]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        statements: list[Any] = []
        async with super().transaction() as connection:
            with connection.query_logger(statements.append):
                yield connection
        self.transactions.append(statements)


async def measure(server: Postgres, records: Sequence[Record], *, batch: int, rounds: int) -> Figure:
    """Take records in once, by turns of the topics; then do the same statements again, on an empty database."""
    transactions = await _recorded(server, records, batch=batch)
    rates = [await _replayed(server, transactions, len(records)) for _ in range(rounds)]
    return Figure(
        name=f"ingest, everybody new: its statements alone, {_AT_ONCE} transactions at a time",
        value=median(rates),
        unit="events/s",
        rounds=rates,
    )


async def _recorded(server: Postgres, records: Sequence[Record], *, batch: int) -> list[list[Any]]:
    url, held, clock = await server.copy("ingest"), rig.guidance(), rig.ShiftedClock(rig.NOON)
    by_topic = [[record for record in records if record.topic == topic] for topic in agency.TOPICS]
    async with _Recording.open(url, size=1, name="bench") as database:
        database.transactions = []
        intake = rig.intake(database, held, clock)
        for first in range(0, len(records), batch):
            for theirs in by_topic:
                if some := theirs[first : first + batch]:
                    await intake.handle(some)
    await server.drop(url)
    return database.transactions


async def _replayed(server: Postgres, transactions: Sequence[Sequence[Any]], records: int) -> float:
    """Return how many events a second these transactions would be."""
    url, left = await server.copy("ingest"), list(reversed(transactions))

    async def work(database: Database) -> None:
        while left:
            statements = left.pop()
            async with database.transaction() as connection:
                for statement in statements:
                    await connection.fetch(statement.query, *statement.args)

    async with Database.open(url, size=_AT_ONCE, name="bench") as database:
        began = time.perf_counter()
        await asyncio.gather(*(work(database) for _ in range(_AT_ONCE)))
        rate = records / (time.perf_counter() - began)
    await server.drop(url)
    return rate
