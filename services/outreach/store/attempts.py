"""Attempts: one provider call each, from the decision to what the provider said of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.words import Channel

_SQL = queries(__file__)


class NewAttempt(Struct, frozen=True, kw_only=True):
    """An attempt as it is decided. `message` is what will be sent, as JSON text."""

    attempt_id: UUID
    touch_id: UUID
    person_id: str
    person_revision: int
    channel: Channel
    provider: str
    address: str
    message: str
    valid_until: datetime


class Settlement(Struct, frozen=True):
    """What the call came to: `accepted`, `refused`, `not_sent` or `unknown`."""

    outcome: str
    code: str | None = None
    provider_message_id: str | None = None


class SettledAttempt(Struct, frozen=True):
    """An attempt that was settled just now; `receipt` is one that came before the answer."""

    attempt_id: UUID
    person_id: str
    address: str
    channel: Channel
    receipt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttempt:
    """An attempt with all that has become of it."""

    attempt_id: UUID
    touch_id: UUID
    person_id: str
    address: str
    channel: Channel
    decided_at: datetime
    called_at: datetime | None
    settled_at: datetime | None
    outcome: str | None
    code: str | None
    receipt: str | None
    message: str
    tries: int


class LapsedAttempt(Struct, frozen=True):
    """An attempt that nobody settled in time, and whether its call may have begun."""

    attempt_id: UUID
    person_id: str
    was_called: bool


async def write_attempts(
    connection: Connection,
    attempts: Sequence[NewAttempt],
    *,
    policy: str,
    wordings: str,
    leased_until: datetime,
    now: datetime,
) -> None:
    """Write attempts before they are called; nobody else may call them while the lease holds.

    `policy` and `wordings` are the versions by which they were decided and written.
    """
    if attempts:
        await _SQL.write_attempts(
            connection,
            ids=[each.attempt_id for each in attempts],
            touches=[each.touch_id for each in attempts],
            people=[each.person_id for each in attempts],
            revisions=[each.person_revision for each in attempts],
            channels=[each.channel for each in attempts],
            providers=[each.provider for each in attempts],
            addresses=[each.address for each in attempts],
            messages=[each.message for each in attempts],
            valid=[each.valid_until for each in attempts],
            policy=policy,
            wordings=wordings,
            leased_until=leased_until,
            now=now,
        )


async def open_gate(
    connection: Connection,
    attempts: Sequence[UUID],
    *,
    longest_call: timedelta,
    margin: timedelta,
    now: datetime,
) -> set[UUID]:
    """Mark as called those that nothing has moved against since they were decided; return them.

    The people are locked first, so that a stop or payment that was committed, or is about to
    be, before this is seen. Only what is returned may be called, at once.
    """
    ids = list(attempts)
    await _SQL.lock_people_of_attempts(connection, ids=ids)
    found = await _SQL.open_gate(connection, ids=ids, longest_call=longest_call, margin=margin, now=now)
    return {each["attempt_id"] for each in found}


async def settle_attempts(
    connection: Connection, settlements: Mapping[UUID, Settlement], *, now: datetime
) -> list[SettledAttempt]:
    """Write what the calls came to; return those that were not settled before."""
    if not settlements:
        return []
    found = await _SQL.settle_attempts(
        connection,
        ids=list(settlements),
        outcomes=[each.outcome for each in settlements.values()],
        codes=[each.code for each in settlements.values()],
        messages=[each.provider_message_id for each in settlements.values()],
        now=now,
    )
    return [
        SettledAttempt(
            each["attempt_id"], each["person_id"], each["address"], Channel(each["channel"]), each["receipt"]
        )
        for each in found
    ]


async def list_lapsed(connection: Connection, *, now: datetime, limit: int) -> list[LapsedAttempt]:
    """Return attempts whose lease is over and which nobody settled."""
    found = await _SQL.lock_lapsed_attempts(connection, now=now, limit=limit)
    return [
        LapsedAttempt(each["attempt_id"], each["person_id"], each["called_at"] is not None) for each in found
    ]


async def read_unsettled(connection: Connection, attempts: Collection[UUID]) -> list[LapsedAttempt]:
    """Return those of these attempts that are still unsettled; the caller holds their people's locks."""
    found = await _SQL.read_unsettled(connection, ids=list(attempts))
    return [
        LapsedAttempt(each["attempt_id"], each["person_id"], each["called_at"] is not None) for each in found
    ]


async def find_attempt_by_message(connection: Connection, message_id: str) -> UUID | None:
    """Return the attempt that the provider knows by this id."""
    row = await _SQL.find_attempt_by_message(connection, message_id=message_id)
    return row["attempt_id"] if row is not None else None


async def read_attempts(connection: Connection, attempts: Collection[UUID]) -> dict[UUID, StoredAttempt]:
    """Return these attempts by id."""
    found = await _SQL.read_attempts(connection, ids=list(attempts))
    return {each["attempt_id"]: _stored(each) for each in found}


async def list_attempts_of(connection: Connection, person_id: str) -> list[StoredAttempt]:
    """Return every attempt to reach a person, in order."""
    return [_stored(each) for each in await _SQL.list_attempts_of(connection, person_id=person_id)]


async def note_receipts(
    connection: Connection, receipts: Mapping[UUID, tuple[str, datetime, str | None]]
) -> None:
    """Keep the last word of the provider about each attempt: (status, instant, message id)."""
    if receipts:
        await _SQL.note_receipts(
            connection,
            ids=list(receipts),
            receipts=[each[0] for each in receipts.values()],
            ats=[each[1] for each in receipts.values()],
            messages=[each[2] for each in receipts.values()],
        )


async def count_stale_unknown(connection: Connection, *, before: datetime) -> int:
    """Count attempts of unknown fate that no receipt has settled."""
    count: int = await _SQL.count_stale_unknown(connection, before=before)
    return count


def _stored(row: object) -> StoredAttempt:
    values = dict(row)  # type: ignore[call-overload]
    return StoredAttempt(**{**values, "channel": Channel(values["channel"]), "tries": values["tries"] or 0})
