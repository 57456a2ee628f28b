"""The whole story of one person, as it is stored: what was known, decided, sent, answered, and done."""

from typing import Any

import msgspec

from foundation import acts, quarantine
from foundation.database import Connection
from foundation.quarantine_listing import tell_record
from outreach.store import (
    attempts,
    debts,
    decisions,
    erasures,
    hand_offs,
    ledger,
    people,
    questions,
    replies,
    suppressions,
    touches,
)

#: More than anybody does about one person.
_ALL_ACTS = 100_000


async def export_person(connection: Connection, person_id: str) -> dict[str, Any] | None:
    """Return everything stored of a person, or None when nobody of this id is known."""
    stored = (await people.read_people(connection, [person_id])).get(person_id)
    if stored is None:
        return None
    planned = await touches.list_touches_of(connection, person_id)
    decided = await decisions.list_decisions_of(connection, [touch.touch_id for touch in planned])
    erased = (await erasures.find_erased(connection, [person_id])).get(person_id)
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
        "suppressions": await suppressions.list_suppressions_of(connection, person_id),
        "replies": list(await replies.list_replies_of(connection, person_id)),
        "not_read_yet": await replies.list_waiting_of(connection, person_id),
        "given_to_humans": await hand_offs.list_hand_offs_of(connection, person_id),
        "questions": await questions.list_questions_of(connection, person_id),
        "kept_aside": [tell_record(kept) for kept in await quarantine.list_of(connection, person_id)],
        "acts": [
            msgspec.to_builtins(act)
            for act in await acts.list_acts(connection, subject=person_id, limit=_ALL_ACTS)
        ],
        "other_ids": sorted((await people.read_other_ids(connection, [person_id])).get(person_id, ())),
        "erased_at": None if erased is None else erased.erased_at,
    }
