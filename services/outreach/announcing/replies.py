"""What other systems hear of a reply."""

from collections.abc import Sequence
from datetime import datetime

from foundation.outbox import OutgoingEvent
from outreach.announcing.event import outgoing
from outreach.model.reply import KeptReply


def received(
    reply: KeptReply, *, person_id: str, debts: Sequence[str], digest: str, now: datetime
) -> OutgoingEvent:
    """Announce that a person, who owes these debts, wrote back from the address of this digest."""
    return outgoing(
        "reply.received.v1",
        key=person_id,
        now=now,
        person_id=person_id,
        reply_id=reply.reply_id,
        channel=reply.channel,
        understood=reply.understood,
        needs_human=reply.needs_human,
        text=reply.text,
        debts=tuple(debts),
        received_at=reply.received_at,
        address_digest=digest,
    )
