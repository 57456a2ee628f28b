"""What is kept of a message that somebody wrote."""

from datetime import datetime

from msgspec import Struct

from outreach.model.words import Channel


class KeptReply(Struct, frozen=True, kw_only=True):
    """A message as it was written and understood, and the first person whom it may come from."""

    reply_id: str
    person_id: str | None
    channel: Channel
    address: str
    text: str
    understood: str
    needs_human: bool
    received_at: datetime
