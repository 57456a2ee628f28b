"""Choices made on pages, kept as long as they can be taken back, and a little longer to say so."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from foundation.database import Connection
from foundation.sql import queries

_SQL = queries(__file__)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody chose on the page of a link to an address.

    `form` is what they sent, `undoing` the events that take it back, each as its type and data. `is_known`:
    they had passed the light check. `session` tells the browser it was chosen in.
    """

    choice_id: str
    person_id: str
    address: str
    is_known: bool
    form: Mapping[str, Any]
    undoing: Sequence[tuple[str, Mapping[str, Any]]]
    made_at: datetime
    undone_at: datetime | None = None
    session: bytes | None = None


async def keep_choice(connection: Connection, choice: Choice) -> None:
    """Keep what a person chose, whom the caller has locked."""
    kept = msgspec.structs.asdict(choice)
    del kept["undone_at"]
    await _SQL.keep_choice(connection, **kept)


async def find_choice(connection: Connection, choice_id: str, *, person_id: str) -> Choice | None:
    """Return a choice of a person by its id; None where they made none of this id."""
    return _choice(await _SQL.find_choice(connection, choice_id=choice_id, person_id=person_id))


async def list_choices(connection: Connection, person_id: str, *, after: datetime) -> Sequence[Choice]:
    """Return what a person chose after this instant, taken back or not, the newest first."""
    rows = await _SQL.list_choices(connection, person_id=person_id, after=after)
    return [Choice(**row) for row in rows]


async def find_same(
    connection: Connection, choice: Choice, *, people: Collection[str], source: str, after: datetime
) -> Choice | None:
    """Return the same choice for the same address, made after this instant, if nothing was said since.

    `people` are all ids of the person, who are locked; `source` is that of the choice's own events.
    """
    return _choice(
        await _SQL.find_same(
            connection,
            person_id=choice.person_id,
            address=choice.address,
            form=choice.form,
            after=after,
            people=list(people),
            source=source,
        )
    )


async def list_choices_of(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Return what a person chose on their pages of late: by the link of which address, and what they sent."""
    return [dict(row) for row in await _SQL.list_choices_of(connection, person_id=person_id)]


async def note_undone(connection: Connection, choice_id: str, *, now: datetime) -> None:
    """Say that a choice was taken back."""
    await _SQL.note_undone(connection, choice_id=choice_id, now=now)


async def delete_choices(connection: Connection, *, before: datetime) -> None:
    """Forget what was chosen before this instant: the ledger keeps what it came to."""
    await _SQL.delete_choices(connection, before=before)


def _choice(row: Mapping[str, Any] | None) -> Choice | None:
    return None if row is None else Choice(**row)
