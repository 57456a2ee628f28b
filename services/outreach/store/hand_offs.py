"""Replies that wait for a human: who waits, since when, and who dealt with it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.reply import HandOff, Wait
from outreach.model.words import Channel

_SQL = queries(__file__)


class WaitingReply(Struct, frozen=True, kw_only=True):
    """A reply that waits for a human, as it was written and understood."""

    reply_id: str
    person_id: str | None
    urgency: str
    since: datetime
    answer_by: datetime
    channel: Channel
    address: str
    text: str
    kinds: Sequence[str]
    closes: Sequence[str]
    pictures: Sequence[str]
    attachments: Sequence[str]
    is_proven: bool
    received_at: datetime
    answered_at: datetime | None


class Backlog(Struct, frozen=True):
    """How many replies of an urgency wait, and since when the oldest does."""

    waiting: int
    oldest: datetime


class Unpaged(Struct, frozen=True):
    """A crisis that nobody on duty was told of."""

    reply_id: str
    person_id: str | None
    since: datetime
    answer_by: datetime


async def list_hand_offs_of(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Return what of a person was given to humans: since when, by when, and what they decided."""
    return [dict(row) for row in await _SQL.list_hand_offs_of(connection, person_id=person_id)]


async def record_hand_offs(connection: Connection, hand_offs: Sequence[HandOff]) -> None:
    """Have these replies wait for a human."""
    if hand_offs:
        await _SQL.record_hand_offs(
            connection,
            replies=[hand_off.reply_id for hand_off in hand_offs],
            people=[hand_off.person_id for hand_off in hand_offs],
            urgencies=[hand_off.urgency for hand_off in hand_offs],
            sinces=[hand_off.since for hand_off in hand_offs],
            deadlines=[hand_off.answer_by for hand_off in hand_offs],
        )


async def list_waiting(
    connection: Connection, *, person: str | None = None, urgency: str | None = None
) -> list[WaitingReply]:
    """Return replies that wait for a human, the most urgent first, then by age.

    `person` is a person's id, or a reply's where nobody knows whose it is.
    """
    found = await _SQL.list_waiting(connection, person=person, urgency=urgency)
    return [WaitingReply(**{**row, "channel": Channel(row["channel"])}) for row in map(dict, found)]


async def list_waits(connection: Connection, people: Collection[str]) -> Mapping[str, Sequence[Wait]]:
    """Return the replies that wait of these people, oldest first; who waits for nobody is left out."""
    if not people:
        return {}
    waits: defaultdict[str, list[Wait]] = defaultdict(list)
    for row in map(dict, await _SQL.list_waits(connection, people=sorted(people))):
        waits[row.pop("person_id")].append(Wait(**row))
    return waits


async def end_hand_offs(
    connection: Connection, person: str, *, decided: str, by: str, why: str | None, now: datetime
) -> list[str]:
    """Say that a human dealt with a person's replies; return which ones waited."""
    found = await _SQL.end_hand_offs(connection, person=person, decided=decided, by=by, why=why, now=now)
    return sorted(row["reply_id"] for row in found)


async def end_lifted(
    connection: Connection, lifted: Collection[tuple[str, str]], *, by: str, now: datetime
) -> None:
    """Say that these replies, each of a person, were dealt with by whoever lifted their holds."""
    if lifted:
        replies, of_people = zip(*sorted(lifted), strict=True)
        await _SQL.end_lifted(connection, replies=replies, people=of_people, by=by, now=now)


async def count_waiting(connection: Connection) -> dict[str, Backlog]:
    """Return how many replies wait, by urgency."""
    found = await _SQL.count_waiting(connection)
    return {row["urgency"]: Backlog(row["waiting"], row["oldest"]) for row in found}


async def claim_pages(connection: Connection, *, now: datetime, until: datetime, limit: int) -> list[Unpaged]:
    """Return crises that nobody on duty was told of; until then nobody else tells them."""
    return [Unpaged(*row) for row in await _SQL.claim_pages(connection, now=now, until=until, limit=limit)]


async def note_paged(connection: Connection, replies: Collection[str], *, now: datetime) -> None:
    """Say that somebody on duty was told of these."""
    await _SQL.note_paged(connection, replies=list(replies), now=now)
