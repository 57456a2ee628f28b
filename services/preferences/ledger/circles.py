"""Circles: the ids of one person, which are locked and told together."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from foundation.database import Connection
from preferences.model.record import Record
from preferences.model.same_person import circles_of
from preferences.store import erasures, people
from preferences.store.people import Person


class Erased(Exception):
    """Somebody of whom something is said was erased, and nobody said that they returned."""

    def __init__(self, person_id: str, *, since: datetime) -> None:
        super().__init__(
            f"this person was erased on {since:%Y-%m-%d}: if a new relationship begins, say so first"
            " (person.returned.v1, or `preferences readmit`)"
        )
        self.person_id = person_id


async def lock_circles(
    connection: Connection, wanted: Collection[str], *, joining: bool, now: datetime
) -> list[Person]:
    """Lock these people and all their other ids, met now if never before, until the transaction ends.

    `joining`: which ids are one person is about to change, which one transaction does at a time. So is
    erasing somebody, so nobody of whom it is not said here is erased before the transaction ends.

    Raises:
        Erased: one of these people is, and has not returned; nobody is met.
    """
    await people.hold_circles(connection, joining=joining)
    for person_id, since in sorted((await erasures.find_standing(connection, wanted)).items()):
        raise Erased(person_id, since=since)
    return await people.lock_people(connection, await people.read_circles(connection, wanted), now=now)


async def read_whole_circles(
    connection: Connection, found: Sequence[Person], *, now: datetime
) -> list[Person]:
    """Return these people and all their other ids; nobody is locked."""
    if not any(person.same_as for person in found):
        return list(found)
    names = {person.person_id for person in found}
    missing = await people.read_circles(connection, names) - names
    return [*found, *await people.find_people(connection, missing, now=now)]


def others_by_person(records: Mapping[str, Record]) -> dict[str, dict[str, Record]]:
    """Return the records of everybody's other ids among these, which hold whole circles."""
    return {
        person_id: {other: records[other] for other in circle if other != person_id}
        for person_id, circle in circles_of(records).items()
    }
