"""What a story asks of the database: where touches stand, what was sent, what was published."""

from datetime import datetime
from typing import Any

from foundation.database import Database


class Stored:
    """Answers from the database, past the product."""

    def __init__(self, database: Database) -> None:
        self._truth = database

    async def touches(self, person: str = "ada") -> dict[str, str]:
        """Return the status of every touch of a person, by play and occasion."""
        rows = await self.rows(
            "SELECT play, occasion, status FROM touches WHERE person_id = $1 ORDER BY play, occasion", person
        )
        return {f"{row['play']} {row['occasion']}": row["status"] for row in rows}

    async def touch(self, play: str = "thank_you", person: str = "ada") -> dict[str, Any]:
        """Return the one touch of a play as it is stored."""
        (row,) = await self.rows("SELECT * FROM touches WHERE play = $1 AND person_id = $2", play, person)
        return row

    async def status(self, person: str = "ada", play: str = "thank_you") -> str:
        """Return where the one touch of a play stands."""
        return str((await self.touch(play, person))["status"])

    async def called(self, play: str, person: str = "ada") -> int:
        """Return how often a play's touches of a person passed the gate."""
        count: int = await self.asks(
            """SELECT count(*) FROM attempts JOIN touches USING (touch_id)
                WHERE called_at IS NOT NULL AND play = $1 AND touches.person_id = $2""",
            play,
            person,
        )
        return count

    async def ledger(self, person: str = "ada") -> list[str]:
        """Return what became of each contact with a person, in order; `reserved` where nobody knows yet."""
        rows = await self.rows("SELECT outcome FROM contacts WHERE person_id = $1 ORDER BY at", person)
        return [row["outcome"] or "reserved" for row in rows]

    async def published(self, topic: str = "outreach.touches.v1", *, to: str | None = None) -> list[str]:
        """Return the types of the events in the outbox of a topic, in order."""
        rows = await self.rows(
            "SELECT type FROM outbox WHERE topic = $1 AND ($2::text IS NULL OR key = $2) ORDER BY position",
            topic,
            to,
        )
        return [row["type"].removesuffix(".v1") for row in rows]

    async def next_due(self) -> datetime | None:
        """Return when the next touch is due or a call's lease ends, or None."""
        due: datetime | None = await self.asks(
            """SELECT min(at) FROM (
                 SELECT min(due_at) AS at FROM touches WHERE status IN ('planned', 'waiting')
                 UNION ALL SELECT min(leased_until) FROM attempts WHERE settled_at IS NULL) AS next"""
        )
        return due

    async def runs(self, statement: str, *arguments: Any) -> None:
        """Change the database behind the product's back."""
        async with self._truth.transaction() as connection:
            await connection.execute(statement, *arguments)

    async def asks(self, query: str, *arguments: Any) -> Any:
        """Return one value from the database."""
        async with self._truth.transaction() as connection:
            return await connection.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Return rows from the database."""
        async with self._truth.transaction() as connection:
            return [dict(row) for row in await connection.fetch(query, *arguments)]
