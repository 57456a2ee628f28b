"""Wrong answers to the light check: how many in a row somebody gave, and until when no other is looked at."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries

_SQL = queries(__file__)

#: After so many wrong answers in a row the check is locked, and staff are told.
MOST_WRONG: Final = 5


class WrongAnswers(Struct, frozen=True):
    """How many wrong answers came in a row, when the last did, and until when no other is looked at."""

    wrong: int
    last_at: datetime
    closed_until: datetime


class LockedOut(Struct, frozen=True):
    """Somebody whose check is locked, after so many wrong answers, until an instant."""

    person_id: str
    wrong: int
    last_at: datetime
    closed_until: datetime


async def find_count(connection: Connection, person_id: str) -> WrongAnswers | None:
    row = await _SQL.find_count(connection, person_id=person_id)
    return None if row is None else WrongAnswers(*row)


async def count_wrong(connection: Connection, person_id: str, answers: WrongAnswers) -> None:
    """Keep how many wrong answers there were for a person, whom the caller has locked."""
    await _SQL.count_wrong(
        connection,
        person_id=person_id,
        wrong=answers.wrong,
        now=answers.last_at,
        closed_until=answers.closed_until,
    )


async def forget_count(connection: Connection, person_id: str) -> bool:
    """Begin to count anew; return whether there was anything to forget."""
    return bool(await _SQL.forget_count(connection, person_id=person_id))


async def list_locked(connection: Connection, *, now: datetime, limit: int) -> list[LockedOut]:
    """Return whose check is locked, those first whose lock ends first."""
    rows = await _SQL.list_locked(connection, now=now, most=MOST_WRONG, limit=limit)
    return [LockedOut(*row) for row in rows]


async def count_locked(connection: Connection, *, now: datetime) -> int:
    return int(await _SQL.count_locked(connection, now=now, most=MOST_WRONG))


async def delete_counts(connection: Connection, *, before: datetime) -> None:
    """Forget what was counted before this instant."""
    await _SQL.delete_counts(connection, before=before)
