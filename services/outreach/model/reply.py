"""What is kept of a message that somebody wrote, and of the human who has to answer it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from outreach.model.words import Channel


class KeptReply(Struct, frozen=True, kw_only=True):
    """A message as it was written and understood, and the first person whom it may come from.

    `pictures` are where the vendor keeps them, `attachments` are names. `is_proven` is false of an
    email that may be anybody's; `automatic` names what kind of program wrote it.
    """

    reply_id: str
    person_id: str | None
    channel: Channel
    address: str
    text: str
    understood: str
    needs_human: bool
    received_at: datetime
    kinds: Sequence[str] = ()
    urgency: str = "normal"
    closes: Sequence[str] = ()
    pictures: Sequence[str] = ()
    attachments: Sequence[str] = ()
    is_proven: bool = True
    automatic: str | None = None


class PastMessage(Struct, frozen=True, kw_only=True):
    """A message that went to somebody, or may have: `wording` and `purpose` are of its touch."""

    attempt_id: UUID
    person_id: str
    address: str
    channel: Channel
    at: datetime
    play: str
    wording: str
    purpose: str
    text: str


class Wait(Struct, frozen=True, kw_only=True):
    """A reply that waits for a human: as much of it as says whether an answer is still in place.

    It waits `since` it came. `is_answered`: a human has answered it, and has not released its writer yet.
    """

    reply_id: str
    urgency: str
    kinds: Sequence[str]
    since: datetime
    is_proven: bool
    is_answered: bool


class HandOff(Struct, frozen=True, kw_only=True):
    """A reply that waits for a human to answer or decide; `person_id` is None where nobody knows whose it is.

    `answer_by` is the end of what the office's hours leave for it.
    """

    reply_id: str
    person_id: str | None
    urgency: str
    since: datetime
    answer_by: datetime
