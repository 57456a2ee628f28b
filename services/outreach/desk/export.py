"""The whole story of one person, as it is stored: what was known, decided, sent, and answered."""

from typing import Any

import msgspec

from foundation.database import Connection
from outreach.store import attempts, debts, decisions, ledger, people, replies, suppressions, touches


async def export_person(connection: Connection, person_id: str) -> dict[str, Any] | None:
    """Return everything stored of a person, or None when nobody of this id is known."""
    stored = (await people.read_people(connection, [person_id])).get(person_id)
    if stored is None:
        return None
    planned = await touches.list_touches_of(connection, person_id)
    decided = await decisions.list_decisions_of(connection, [touch.touch_id for touch in planned])
    bound = await suppressions.read_suppressions(connection, [person_id])
    return {
        "person_id": person_id,
        "snapshot": msgspec.json.decode(stored.snapshot) if stored.snapshot is not None else None,
        "debts": [msgspec.to_builtins(debt) for debt in await debts.read_debts(connection, [person_id])],
        "touches": [msgspec.to_builtins(touch) for touch in planned],
        "decisions": [
            {
                **msgspec.to_builtins(decision),
                "answers": msgspec.json.decode(decision.answers),
                "situation": msgspec.json.decode(decision.situation),
            }
            for decision in decided
        ],
        "attempts": [
            {**msgspec.to_builtins(attempt), "message": msgspec.json.decode(attempt.message)}
            for attempt in await attempts.list_attempts_of(connection, person_id)
        ],
        "ledger": [
            msgspec.to_builtins(contact) for contact in await ledger.list_contacts_of(connection, person_id)
        ],
        "suppressions": [msgspec.to_builtins(suppression) for suppression in bound.get(person_id, ())],
        "replies": list(await replies.list_replies_of(connection, person_id)),
    }
