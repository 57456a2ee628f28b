"""What people ask a human for on a page, heard with their snapshots; listening has a human see it."""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from foundation.database import Connection
from outreach.model.words import Channel
from outreach.store import replies
from schemas.addresses import comparable
from schemas.people import Asked, HoldHeld, PersonSnapshot


async def hear_asked(connection: Connection, snapshots: Iterable[PersonSnapshot]) -> None:
    """Have what these people ask for wait to be bound, as their replies do, and what they took back no more.

    What waits, or was bound, does not wait again. The caller has locked the people.
    """
    taken_back: list[str] = []
    for snapshot in snapshots:
        taken_back += snapshot.lifted_holds
        for hold in snapshot.holds:
            # What was asked under another id of theirs is heard with the snapshot of that id.
            if hold.asked is not None and hold.said_of is None:
                await _wait(connection, snapshot, hold, hold.asked)
    await replies.end_waiting(connection, taken_back)


async def _wait(connection: Connection, snapshot: PersonSnapshot, hold: HoldHeld, asked: Asked) -> None:
    await replies.wait_for_binding(
        connection,
        reply_id=hold.hold_id,
        channel=Channel(asked.channel),
        address=comparable(asked.address),
        text=asked.text,
        received_at=_since(hold) or snapshot.changed_at,
        confirmed_by_vendor=False,
        stopped_at_vendor=False,
        started_at_vendor=False,
        person_id=snapshot.person_id,
        # Whoever says that it is not them may be anybody, and is not answered as if they were the person.
        is_proven="wrong_person" not in asked.kinds,
        automatic=None,
        pictures=(),
        attachments=(),
        asked=asked.kinds,
        wish=wish_of(asked),
    )


def wish_of(asked: Asked) -> str | None:
    """Say to staff when somebody would like to talk; None where they did not say."""
    if asked.day is None and asked.part_of_day is None:
        return None
    day = "as soon as can be" if asked.day is None else f"on {asked.day:%A %d %B %Y}"
    part = "" if asked.part_of_day is None else f", in the {asked.part_of_day}"
    return f"Would like to talk {day}{part}, on their own clock."


def _since(hold: HoldHeld) -> datetime | None:
    since = hold.since
    if since is None or isinstance(since, datetime):
        return since
    return datetime.combine(since, time(0), tzinfo=UTC)
