"""Contradictions that stand, and whether they were asked about."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.question import AskedQuestion, Question

_SQL = queries(__file__)


async def keep_questions(connection: Connection, new: Collection[Question]) -> None:
    """Keep what is to be asked; what was kept before stays as it is."""
    if not new:
        return
    await _SQL.keep_questions(
        connection,
        keys=[question.key for question in new],
        kinds=[question.kind for question in new],
        people=[question.person_id for question in new],
        debts=[question.debt_id for question in new],
        abouts=[question.about for question in new],
        sources=[question.source for question in new],
        events=[question.event_id for question in new],
        dues=[question.due_at for question in new],
    )


async def list_keys_of(connection: Connection, people: Sequence[str]) -> Mapping[str, str]:
    """Return the keys of what stands about these people, each with its debt."""
    return {row["question_key"]: row["debt_id"] for row in await _SQL.list_keys_of(connection, people=people)}


async def list_questions_of(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Return what is asked about a person's debts, because events contradict each other."""
    return [dict(row) for row in await _SQL.list_questions_of(connection, person_id=person_id)]


async def answer_questions(connection: Connection, keys: Collection[str]) -> None:
    """Forget what facts have answered."""
    if keys:
        await _SQL.answer_questions(connection, keys=sorted(keys))


async def ask_due(connection: Connection, keys: Collection[str], *, now: datetime) -> list[Question]:
    """Note as asked, and return, those of these questions that are due and were never asked."""
    if not keys:
        return []
    asked = await _SQL.ask_due(connection, keys=sorted(keys), now=now)
    return sorted((msgspec.convert(dict(row), Question) for row in asked), key=lambda question: question.key)


async def list_people_to_ask_about(
    connection: Connection, *, creditors: Collection[str], now: datetime, limit: int
) -> list[str]:
    """Return people about whom something is to be asked, or need not be any more, in order."""
    found = await _SQL.list_people_to_ask_about(connection, creditors=sorted(creditors), now=now, limit=limit)
    return [row["person_id"] for row in found]


async def list_asked(connection: Connection, *, limit: int) -> list[AskedQuestion]:
    """Return what was asked and not answered, the oldest first."""
    return [
        AskedQuestion(question=msgspec.convert(dict(row), Question), asked_at=row["asked_at"])
        for row in await _SQL.list_asked(connection, limit=limit)
    ]
