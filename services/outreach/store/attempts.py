"""Attempts: one provider call each, from the decision to what the provider said of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.attempt import Settlement, StoredAttempt
from outreach.model.reply import PastMessage
from outreach.model.words import Channel
from outreach.store.digests import digest_addresses

_SQL = queries(__file__)


class NewAttempt(Struct, frozen=True, kw_only=True):
    """An attempt as it is decided. `message` is what will be sent, as JSON text.

    `others` are the touches beside `touch_id` that the message is sent for.
    """

    attempt_id: UUID
    touch_id: UUID
    person_id: str
    person_revision: int
    channel: Channel
    provider: str
    address: str
    message: str
    valid_until: datetime
    others: tuple[UUID, ...] = ()


class SettledAttempt(Struct, frozen=True):
    """An attempt that was settled just now; `receipt` is one that came before the answer."""

    attempt_id: UUID
    person_id: str
    address: str
    channel: Channel
    receipt: str | None


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
        digests = await digest_addresses(connection, {attempt.address for attempt in attempts})
        await _SQL.write_attempts(
            connection,
            ids=[attempt.attempt_id for attempt in attempts],
            touches=[attempt.touch_id for attempt in attempts],
            people=[attempt.person_id for attempt in attempts],
            revisions=[attempt.person_revision for attempt in attempts],
            channels=[attempt.channel for attempt in attempts],
            providers=[attempt.provider for attempt in attempts],
            addresses=[attempt.address for attempt in attempts],
            digests=[digests[attempt.address] for attempt in attempts],
            messages=[attempt.message for attempt in attempts],
            others=[",".join(str(touch) for touch in attempt.others) for attempt in attempts],
            valid=[attempt.valid_until for attempt in attempts],
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
    trying: bool = False,
) -> set[UUID]:
    """Mark as called those that nothing has moved against since they were decided; return them.

    The people are locked first, so that a stop or payment that was committed, or is about to
    be, before this is seen. Only what is returned may be called, at once. A provider that rests is
    not called, unless these are `trying` whether it works again.
    """
    ids = list(attempts)
    await _SQL.lock_people_of_attempts(connection, ids=ids)
    found = await _SQL.open_gate(
        connection, ids=ids, longest_call=longest_call, margin=margin, trying=trying, now=now
    )
    return {row["attempt_id"] for row in found}


async def settle_attempts(
    connection: Connection, settlements: Mapping[UUID, Settlement], *, now: datetime
) -> list[SettledAttempt]:
    """Write what the calls came to; return those that were not settled before."""
    if not settlements:
        return []
    found = await _SQL.settle_attempts(
        connection,
        ids=list(settlements),
        outcomes=[settlement.outcome for settlement in settlements.values()],
        codes=[settlement.code for settlement in settlements.values()],
        message_ids=[settlement.provider_message_id for settlement in settlements.values()],
        now=now,
    )
    return [
        SettledAttempt(
            row["attempt_id"], row["person_id"], row["address"], Channel(row["channel"]), row["receipt"]
        )
        for row in found
    ]


async def list_lapsed(connection: Connection, *, now: datetime, limit: int) -> list[LapsedAttempt]:
    """Return attempts whose lease is over and which nobody settled."""
    found = await _SQL.list_lapsed_attempts(connection, now=now, limit=limit)
    return [LapsedAttempt(row["attempt_id"], row["person_id"], row["called_at"] is not None) for row in found]


async def read_unsettled(connection: Connection, attempts: Collection[UUID]) -> list[LapsedAttempt]:
    """Return those of these attempts that are still unsettled; the caller holds their people's locks."""
    found = await _SQL.read_unsettled(connection, ids=list(attempts))
    return [LapsedAttempt(row["attempt_id"], row["person_id"], row["called_at"] is not None) for row in found]


async def find_attempts_by_message(connection: Connection, message_ids: Collection[str]) -> dict[str, UUID]:
    """Return the attempts that the provider knows by these ids, by that id."""
    if not message_ids:
        return {}
    found = await _SQL.find_attempts_by_message(connection, message_ids=sorted(message_ids))
    return {row["provider_message_id"]: row["attempt_id"] for row in found}


async def read_attempts(connection: Connection, attempts: Collection[UUID]) -> dict[UUID, StoredAttempt]:
    """Return these attempts by id."""
    found = await _SQL.read_attempts(connection, ids=list(attempts))
    return {row["attempt_id"]: _stored(row) for row in found}


async def list_attempts_of(connection: Connection, person_id: str) -> list[StoredAttempt]:
    """Return every attempt to reach a person, in order."""
    return [_stored(row) for row in await _SQL.list_attempts_of(connection, person_id=person_id)]


async def note_receipts(
    connection: Connection, receipts: Mapping[UUID, tuple[str, datetime, str | None]]
) -> None:
    """Keep the last word of the provider about each attempt: (status, instant, message id)."""
    if receipts:
        await _SQL.note_receipts(
            connection,
            ids=list(receipts),
            receipts=[receipt[0] for receipt in receipts.values()],
            ats=[receipt[1] for receipt in receipts.values()],
            message_ids=[receipt[2] for receipt in receipts.values()],
        )


async def count_stale_unknown(connection: Connection, *, before: datetime) -> int:
    """Count attempts of unknown fate that no receipt has settled."""
    count: int = await _SQL.count_stale_unknown(connection, before=before)
    return count


def _stored(row: object) -> StoredAttempt:
    values = dict(row)  # type: ignore[call-overload]
    return StoredAttempt(**{**values, "channel": Channel(values["channel"]), "tries": values["tries"] or 0})


async def list_past_messages(
    connection: Connection, people: Sequence[str], *, limit: int
) -> list[PastMessage]:
    """Return what went to these people, or may have, the newest first."""
    if not people:
        return []
    found = await _SQL.list_past_messages(connection, people=people, limit=limit)
    return [
        PastMessage(
            attempt_id=row["attempt_id"],
            person_id=row["person_id"],
            address=row["address"],
            channel=Channel(row["channel"]),
            at=row["at"],
            play=row["play"],
            wording=row["wording"],
            purpose=row["purpose"],
            text=_text_of(row["message"], Channel(row["channel"])),
        )
        for row in found
    ]


def _text_of(message: str, channel: Channel) -> str:
    """Return what a person read of a stored message: the body of a text, the plain part of an email."""
    if channel is Channel.SMS:
        return msgspec.json.decode(message, type=_SmsText).body
    return msgspec.json.decode(message, type=_EmailText).text


class _SmsText(Struct, frozen=True):
    body: str = ""


class _EmailText(Struct, frozen=True):
    text: str = ""
