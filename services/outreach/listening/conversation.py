"""What a reply answers: what we had said before, and what a bare "yes" can mean after it. Pure."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from outreach.listening.reply import Reply
from outreach.model.reply import PastMessage
from outreach.model.words import Purpose
from schemas.addresses import comparable

#: How long after the confirmation of a stop a bare "yes" takes it back.
YES_WITHIN: Final = timedelta(hours=24)
#: How long our question for consent stays open.
ASKS_FOR: Final = timedelta(days=14)
#: As in all languages that we write or humans may; a question mark in a link asks nothing.
_QUESTION_MARK: Final = re.compile(r"[?\uff1f\u061f](?!\w)")


def answered_wording(reply: Reply, past: Sequence[PastMessage]) -> str:
    """Return the wording that a reply answers, the last that went to the person; empty where none did.

    The confirmation of a stop counts for a day, and at the number it went to; a question for consent while it
    is open, whichever way it was asked.
    """
    last = _last(reply, past)
    if last is None:
        return ""
    if last.purpose == Purpose.OPT_OUT_CONFIRMATION:
        there = last.channel is reply.channel and comparable(last.address) == comparable(reply.address)
        return last.wording if there and reply.received_at - last.at <= YES_WITHIN else ""
    if last.purpose == Purpose.CONSENT_REQUEST:
        return last.wording if reply.received_at - last.at <= ASKS_FOR else ""
    if last.purpose == Purpose.HUMAN_REPLY and not _QUESTION_MARK.search(last.text):
        # "Friday works. Thank you." asks nothing, so the "thanks" to it answers nothing.
        return ""
    return last.wording


def open_question(reply: Reply, past: Sequence[PastMessage]) -> PastMessage | None:
    """Return our question for consent, where nothing of ours came after it and it is still open."""
    last = _last(reply, past)
    is_open = (
        last is not None
        and last.purpose == Purpose.CONSENT_REQUEST
        and reply.received_at - last.at <= ASKS_FOR
    )
    return last if is_open else None


def answered_message(reply: Reply, past: Sequence[PastMessage], *, person: str) -> PastMessage | None:
    """Return what we had said last to this person before the reply."""
    return next(
        (message for message in past if message.person_id == person and message.at <= reply.received_at), None
    )


def _last(reply: Reply, past: Sequence[PastMessage]) -> PastMessage | None:
    return next((message for message in past if message.at <= reply.received_at), None)
