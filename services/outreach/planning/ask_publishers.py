"""Ask whoever publishes events about what contradicts the rest; nothing waits for the answer."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing.quarantine import questioned
from outreach.announcing.touches import SOURCE
from outreach.model.debt import Debt
from outreach.planning.questions import questions_about
from outreach.store import debts, people, questions

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 200


async def ask_publishers(
    connection: Connection, changed: Sequence[Debt], *, creditors: Collection[str], now: datetime
) -> int:
    """Ask about contradictions in these debts that are due, and forget those that facts have answered.

    The caller holds the locks of their people. Return how many were asked.
    """
    if not changed:
        return 0
    standing = {
        question.key: question
        for debt in changed
        for question in questions_about(debt, creditors=creditors, now=now)
    }
    looked_at = {debt.debt_id for debt in changed}
    known = await questions.list_keys_of(connection, sorted({debt.person_id for debt in changed}))
    answered = {key for key, debt_id in known.items() if debt_id in looked_at and key not in standing}
    await questions.answer_questions(connection, answered)
    new = [standing[key] for key in sorted(standing.keys() - known.keys())]
    await questions.keep_questions(connection, new)
    asked = await questions.ask_due(connection, standing, now=now)
    await outbox.append(connection, [questioned(question, now=now) for question in asked], source=SOURCE)
    return len(asked)


async def ask_what_is_due(*, database: Database, clock: Clock, creditors: Collection[str]) -> int:
    """Ask about what no event has answered in time; return how many questions that were."""
    now = clock.now()
    async with database.transaction() as connection:
        concerned = await questions.list_people_to_ask_about(
            connection, creditors=creditors, now=now, limit=_AT_ONCE
        )
        if not concerned:
            return 0
        await people.lock_people(connection, concerned)
        owed = await debts.read_debts(connection, concerned)
        asked = await ask_publishers(connection, owed, creditors=creditors, now=now)
    log.info("asked", questions=asked)
    return asked
