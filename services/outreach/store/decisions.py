"""Decisions, as they were made: what was asked, what was answered, under which policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.words import Channel, Reason

_SQL = queries(__file__)


class NewDecision(Struct, frozen=True, kw_only=True):
    """One decision. `answers` is JSON text, `situation` a line of JSON, and `digest` names it."""

    touch_id: UUID
    person_id: str
    channel: Channel
    decision: str
    reasons: tuple[Reason, ...]
    until: datetime | None
    digest: str
    answers: str
    situation: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """A decision of the past."""

    touch_id: UUID
    channel: Channel
    decided_at: datetime
    decision: str
    reasons: tuple[str, ...]
    until: datetime | None
    policy: str
    digest: str
    answers: str
    situation: bytes


async def record_decisions(
    connection: Connection, made: Sequence[NewDecision], *, policy: str, now: datetime
) -> None:
    """Record decisions by one policy in the transaction that carries them out.

    Whoever may not be written to yet is asked about again whenever something is heard of them: an answer
    that is the last one over again is recorded once.
    """
    if made:
        await _SQL.record_decisions(
            connection,
            touches=[decision.touch_id for decision in made],
            people=[decision.person_id for decision in made],
            channels=[decision.channel for decision in made],
            decisions=[decision.decision for decision in made],
            reasons=[",".join(decision.reasons) for decision in made],
            untils=[decision.until for decision in made],
            policy=policy,
            digests=[decision.digest for decision in made],
            answers=[decision.answers for decision in made],
            situations=[decision.situation for decision in made],
            now=now,
        )


async def list_decisions_of(connection: Connection, touches: Sequence[UUID]) -> list[StoredDecision]:
    """Return every decision about these touches, oldest first."""
    found = await _SQL.list_decisions_of(connection, touches=touches)
    return [
        StoredDecision(**{**dict(row), "channel": Channel(row["channel"]), "reasons": tuple(row["reasons"])})
        for row in found
    ]


async def list_situations_since(connection: Connection, *, since: datetime, limit: int) -> list[bytes]:
    """Return the situations decided since an instant, as JSON lines."""
    return [
        row["situation"] for row in await _SQL.list_situations_since(connection, since=since, limit=limit)
    ]


async def forget_decisions(connection: Connection, *, before: datetime) -> None:
    """Forget decisions older than the law asks to keep."""
    await _SQL.forget_decisions(connection, before=before)
