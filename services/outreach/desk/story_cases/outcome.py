"""What came of a story, read back from the database: messages, replies, and records kept aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.playbook import ANSWERS
from outreach.model.words import Channel

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that a vendor took, or may have. `text` is subject and body together."""

    attempt_id: UUID
    to: str
    at: datetime
    channel: Channel
    play: str
    wording: str
    purpose: str
    debts: frozenset[str]
    text: str

    def is_called(self, play: str) -> bool:
        """Tell whether it is of this play; answers, which are of none, are called by their wordings too."""
        return play == self.play or (self.play == ANSWERS and play == self.wording)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardReply:
    """A reply and how it was understood; `closed` are the channels it closed."""

    person_id: str | None
    understood: frozenset[str]
    needs_human: bool
    urgency: str
    closed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A record that was kept aside, by the type it claims to be."""

    type: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryOutcome:
    """All that came of a story."""

    messages: Sequence[SentMessage]
    replies: Sequence[HeardReply]
    set_aside: Sequence[SetAside]


async def list_messages_sent(connection: Connection) -> list[dict[str, Any]]:
    """Return every call that was made, in order."""
    return [dict(row) for row in await _SQL.list_messages_sent(connection)]


async def list_replies_heard(connection: Connection) -> list[HeardReply]:
    """Return every reply, in order."""
    closed: dict[str, set[str]] = {}
    for row in await _SQL.list_what_replies_closed(connection):
        channels = [row["channel"]] if row["channel"] else ["sms", "email", "voice"]
        closed.setdefault(row["reply_id"], set()).update(channels)
    return [
        HeardReply(
            person_id=row["person_id"],
            understood=frozenset(row["kinds"]),
            needs_human=row["needs_human"],
            urgency=row["urgency"],
            closed=frozenset(closed.get(row["reply_id"], ())),
        )
        for row in await _SQL.list_replies_heard(connection)
    ]


async def list_records_set_aside(connection: Connection) -> list[SetAside]:
    """Return every record that was kept aside, in order."""
    return [
        SetAside(type=_type_of(row["value"]), reason=row["reason"])
        for row in await _SQL.list_records_kept_aside(connection)
    ]


def _type_of(value: str) -> str:
    try:
        return str(msgspec.json.decode(value)["type"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""
