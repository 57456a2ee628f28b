"""Hear what people write by email: matched by the address it came to, else by the address it came from."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from foundation.clock import Clock
from foundation.database import Database
from outreach.listening.replies import ReplyOutcome, hear_reply
from outreach.listening.reply import Reply
from outreach.model.playbook import Playbook
from outreach.model.words import Channel
from outreach.providers.receipts import InboundEmail
from outreach.store import attempts
from schemas.addresses import comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedMail:
    """An email that was posted to us. `answers` is the email of ours whose address for answers it came to."""

    inbound: InboundEmail = field(repr=False)
    answers: UUID | None
    received_at: datetime


async def hear_mail(
    mail: ArrivedMail, *, database: Database, clock: Clock, playbook: Playbook
) -> ReplyOutcome:
    """Hear an email as any reply; hearing it again changes nothing.

    One that came to the address we made for answers to an email is of whoever that went to, whatever its
    sender says. Any other may be anybody's: it closes and calls a human, and opens and confirms nothing.

    Raises:
        DatabaseUnavailable: nothing is bound; the vendor must be told to try again.
    """
    sent, inbound = await _find_sent(mail.answers, database), mail.inbound
    reply = Reply(
        reply_id=inbound.event_id,
        channel=Channel.EMAIL,
        address=sent[1] if sent is not None else comparable(inbound.sender),
        text=inbound.text,
        received_at=mail.received_at,
        person_id=sent[0] if sent is not None else None,
        is_proven=sent is not None,
        automatic=inbound.automatic,
        attachments=inbound.attachments,
    )
    return await hear_reply(reply, database=database, clock=clock, playbook=playbook)


async def _find_sent(attempt_id: UUID | None, database: Database) -> tuple[str, str] | None:
    """Return the person and the address that an email of ours went to, or None where it never went."""
    if attempt_id is None:
        return None
    async with database.transaction() as connection:
        sent = (await attempts.read_attempts(connection, {attempt_id})).get(attempt_id)
    return (
        (sent.person_id, comparable(sent.address))
        if sent is not None and sent.called_at is not None
        else None
    )
