"""A look inside once all is quiet: a diagnosis, and no part of what the referee judges by."""

from collections.abc import Mapping

import asyncpg

_QUESTIONS = {
    "outreach": {
        "events not published": "SELECT count(*) FROM outbox",
        "attempts not settled": "SELECT count(*) FROM attempts WHERE settled_at IS NULL",
        "touches being sent": "SELECT count(*) FROM touches WHERE status = 'sending'",
    },
    "preferences": {"events not published": "SELECT count(*) FROM outbox"},
}


async def count_unpublished(url: str) -> int | None:
    """Return how many events of a service wait for its relay; None where the database cannot be asked."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return None
    try:
        return int(await connection.fetchval("SELECT count(*) FROM outbox"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    finally:
        await connection.close()


async def leftovers(urls: Mapping[str, str]) -> list[str]:
    """Say what is left of each kind, in each database; or that it cannot be asked."""
    found = []
    for service, questions in _QUESTIONS.items():
        try:
            connection = await asyncpg.connect(urls[service], timeout=10)
        except (OSError, asyncpg.PostgresError, TimeoutError) as problem:
            found.append(f"{service}: {type(problem).__name__}")
            continue
        try:
            for what, question in questions.items():
                if count := await connection.fetchval(question):
                    found.append(f"{service}: {count} {what}")
        finally:
            await connection.close()
    return found
