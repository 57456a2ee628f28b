"""What was asked of whoever publishes events, and has no answer yet."""

from typing import Any, Final

from foundation.database import Database
from outreach.model.question import PROBLEMS, AskedQuestion
from outreach.store import questions

_MOST: Final = 1000


async def list_questions(database: Database) -> list[AskedQuestion]:
    """Return what was asked and not answered, the oldest first."""
    async with database.transaction() as connection:
        return await questions.list_asked(connection, limit=_MOST)


def question_json(asked: AskedQuestion) -> dict[str, Any]:
    """Return a question as JSON values."""
    question = asked.question
    return {
        "question": question.kind,
        "person": question.person_id,
        "debt_id": question.debt_id,
        "about": question.about,
        "event": {"source": question.source, "id": question.event_id},
        "asked_at": asked.asked_at.isoformat(),
        "problem": PROBLEMS[question.kind],
    }
