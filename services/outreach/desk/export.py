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
    decided = await decisions.list_decisions_of(connection, [each.touch_id for each in planned])
    bound = await suppressions.read_suppressions(connection, [person_id])
    return {
        "person_id": person_id,
        "snapshot": msgspec.json.decode(stored.snapshot) if stored.snapshot is not None else None,
        "debts": [msgspec.to_builtins(each) for each in await debts.read_debts(connection, [person_id])],
        "touches": [msgspec.to_builtins(each) for each in planned],
        "decisions": [
            {
                **msgspec.to_builtins(each),
                "answers": msgspec.json.decode(each.answers),
                "situation": msgspec.json.decode(each.situation),
            }
            for each in decided
        ],
        "attempts": [
            {**msgspec.to_builtins(each), "message": msgspec.json.decode(each.message)}
            for each in await attempts.list_attempts_of(connection, person_id)
        ],
        "ledger": [
            msgspec.to_builtins(each) for each in await ledger.list_contacts_of(connection, person_id)
        ],
        "suppressions": [msgspec.to_builtins(each) for each in bound.get(person_id, ())],
        "replies": list(await replies.list_replies_of(connection, person_id)),
    }
