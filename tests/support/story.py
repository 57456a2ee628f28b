"""What is left of a person when all is over, so that two people's fates can be compared."""

from typing import Any

from tests.support.world import World

#: Without instants and ids.
_ASKED = {
    "touches": "SELECT play, status, reason, tries FROM touches WHERE person_id = $1 ORDER BY play, status",
    "attempts": "SELECT outcome, code, receipt FROM attempts WHERE person_id = $1 ORDER BY decided_at",
    "ledger": "SELECT channel, direction, outcome FROM contacts WHERE person_id = $1 ORDER BY at, direction",
    "decisions": "SELECT decision, reasons FROM decisions WHERE person_id = $1 ORDER BY decision_id",
    "debts": "SELECT debt_id FROM debts WHERE person_id = $1 ORDER BY debt_id",
    "replies": "SELECT understood, needs_human FROM replies WHERE person_id = $1 ORDER BY received_at",
    "bound": """SELECT kind, channel, origin, coalesce(lifted_at, mistaken_at) IS NULL AS binds
                  FROM suppressions WHERE person_id = $1 ORDER BY kind, channel""",
    "waits": "SELECT urgency, done_at IS NULL AS waits FROM hand_offs WHERE person_id = $1 ORDER BY since",
    "published": "SELECT topic, type, sequence FROM outbox WHERE key = $1 ORDER BY topic, sequence",
    "unreadable": "SELECT state, reason FROM quarantine WHERE person = $1 ORDER BY id",
    "pauses": "SELECT count(*) > 0 AS any FROM pauses WHERE play = $1 AND resumed_at IS NULL",
}


async def story_of(world: World, person: str) -> dict[str, list[dict[str, Any]]]:
    """Return what was decided, done, known and told about a person."""
    return {
        name: [{column: _unnamed(value, person) for column, value in row.items()} for row in rows]
        for name, query in _ASKED.items()
        for rows in [await world.rows(query, person)]
    }


def _unnamed(value: Any, person: str) -> Any:
    return value.replace(person, "somebody") if isinstance(value, str) else value
