"""Acts: what people and programs did here and what they asked about whom, never to be rewritten."""

import os
import pwd
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from foundation import tokens
from foundation.clock import SystemClock
from foundation.database import Connection, Database
from foundation.sql import queries

_SQL = queries(__file__)

#: The scope of a token by which a command is run.
OPERATE = "operate"


class KnownBy(StrEnum):
    """What says who somebody is: a token of theirs, or merely the system's word for who runs the command."""

    TOKEN = "token"  # noqa: S105 (the word for it, no secret)
    SYSTEM_USER = "system_user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, and how that is known."""

    name: str
    known_by: KnownBy

    def __str__(self) -> str:
        return self.name if self.known_by is KnownBy.TOKEN else f"{self.name} (system user)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that was done. `subject` is the id of whom or what it was about."""

    act_id: int
    at: datetime
    actor: Actor
    act: str
    subject: str | None
    reason: str | None


class NoOperator(Exception):
    """The token that was given allows nobody to operate."""


async def find_operator(connection: Connection, token: str | None) -> Actor:
    """Return who runs a command: the name of the token if one is given, else the system's user.

    Raises:
        NoOperator: the token is not one that may operate.
    """
    if token is None:
        # Not what LOGNAME says: whoever runs a command may say anything there.
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            name = f"uid {os.getuid()}"
        return Actor(name=name, known_by=KnownBy.SYSTEM_USER)
    known = await tokens.find(connection, token)
    if known is None or OPERATE not in known.scopes:
        raise NoOperator("is no token that may operate")
    return Actor(name=known.name, known_by=KnownBy.TOKEN)


async def record(
    connection: Connection,
    actor: Actor,
    act: str,
    *,
    subject: str | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record an act in the transaction that carries it out, so that there is never one without the other."""
    await _SQL.record_act(
        connection,
        actor=actor.name,
        known_by=actor.known_by,
        act=act,
        subject=subject,
        reason=reason,
        now=now,
    )


async def record_alone(
    database: Database, actor: Actor, act: str, *, subject: str | None = None, reason: str | None = None
) -> None:
    """Record an act that no one transaction carries out, or a question: before it is done or answered."""
    async with database.transaction() as connection:
        await record(connection, actor, act, subject=subject, reason=reason, now=SystemClock().now())


async def forget_reasons(
    connection: Connection, subjects: Collection[str], *, addresses: Collection[str]
) -> None:
    """Forget why things were done about these subjects: what was done, by whom and when stays.

    Of what was about one of these addresses, which no act should be, not even that stays.
    """
    await _SQL.forget_reasons(connection, subjects=sorted(subjects), addresses=sorted(addresses))


async def list_acts(
    connection: Connection, *, subject: str | None = None, actor: str | None = None, limit: int
) -> list[Act]:
    """Return the latest acts, about one subject or by one actor where they are named."""
    return [
        Act(
            act_id=row["act_id"],
            at=row["at"],
            actor=Actor(name=row["actor"], known_by=KnownBy(row["known_by"])),
            act=row["act"],
            subject=row["subject"],
            reason=row["reason"],
        )
        for row in await _SQL.list_acts(connection, subject=subject, actor=actor, limit=limit)
    ]
