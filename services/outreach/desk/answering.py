"""A human's answer to what a person wrote: through the same policy and the same gate as everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from foundation import acts, outbox
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import touches as announce
from outreach.desk.ask import WhatIf, what_if
from outreach.guidance.guidance import Guidance
from outreach.listening.answer import planned_answer
from outreach.listening.reply import ReplyFacts
from outreach.model.touch import DesiredTouch
from outreach.model.words import Channel, Purpose
from outreach.store import debts, hand_offs, people, replies, touches
from outreach.store.changes import people_changed
from outreach.store.hand_offs import WaitingReply
from outreach.wording.tone.harms import Remark
from outreach.wording.tone.lint import lint
from outreach.wording.wordings import Key

#: How long a human's answer to a message passes what waits for a human (policy-cases: purposes).
ANSWERS_WITHIN: Final = timedelta(days=7)
#: The wording in which a human writes in their own words.
OWN_WORDS: Final = "human_reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that was planned, and what the policy says of it now."""

    touch_id: UUID
    channel: Channel
    answers: Sequence[WhatIf]


class CannotAnswer(Exception):
    """No answer was planned; `problem` says why, and what to do."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def remarks_on(text: str, *, language: str) -> list[Remark]:
    """Return what keeps a text from being sent to anybody; what is mere advice is left to its author."""
    return [remark for remark in lint(text, language=language) if remark.is_error]


async def answer_person(
    person_id: str,
    *,
    text: str | None,
    wording: str | None,
    actor: Actor,
    guidance: Guidance,
    database: Database,
    clock: Clock,
) -> Answer:
    """Plan the answer of `actor` to the last thing a person wrote that waits, by the way it came.

    It goes out as soon as the policy allows it; the person still waits for whoever hands them back.

    Raises:
        CannotAnswer: nothing of theirs waits, nobody knows that it is theirs, or there is no such wording.
    """
    now = clock.now()
    async with database.transaction() as connection:
        await people.lock_people(connection, [person_id])
        waiting = await hand_offs.list_waiting(connection, person=person_id)
        reply = _answerable(person_id, waiting, now=now)
        touch = await _planned(
            connection, reply, person_id, text=text, wording=wording or OWN_WORDS, by=str(actor), now=now
        )
        if Key("en", touch.wording, reply.channel) not in guidance.wordings.templates:
            raise CannotAnswer(f"there is no wording {touch.wording} for {reply.channel}")
        await touches.plan_touches(connection, [touch], now=now)
        await acts.record(connection, actor, "answer", subject=person_id, now=now)
        await replies.note_answered(connection, reply.reply_id, now=now)
        await outbox.append(connection, [announce.planned(touch, now=now)], source=announce.SOURCE)
        await people_changed(connection, [person_id], now=now, wake=True)
    said = await what_if(database, person_id=None, touch_id=touch.touch_id, policy=guidance.policy, at=now)
    return Answer(touch_id=touch.touch_id, channel=reply.channel, answers=said)


def _answerable(person_id: str, waiting: Sequence[WaitingReply], *, now: datetime) -> WaitingReply:
    """Return the last reply that a human may answer in writing."""
    if not waiting:
        raise CannotAnswer(f"nothing that {person_id} wrote waits for a human")
    proven = [reply for reply in waiting if reply.is_proven and reply.person_id == person_id]
    if not proven:
        raise CannotAnswer("what waits came from a sender who may be anybody: call, or write by post")
    last = max(proven, key=lambda reply: reply.received_at)
    if last.received_at + ANSWERS_WITHIN <= now:
        raise CannotAnswer("the last message is more than seven days old: call, or write by post")
    return last


async def _planned(
    connection: Connection,
    reply: WaitingReply,
    person_id: str,
    *,
    text: str | None,
    wording: str,
    by: str,
    now: datetime,
) -> DesiredTouch:
    facts = ReplyFacts(people=[person_id], debts=await debts.read_debts(connection, [person_id]), liftable=())
    return planned_answer(
        facts,
        person=person_id,
        occasion=f"{reply.reply_id}:{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        purpose=Purpose.HUMAN_REPLY,
        wording=wording,
        channel=reply.channel,
        in_reply_to=reply.received_at,
        due_at=now,
        expires_at=reply.received_at + ANSWERS_WITHIN,
        said={"by": by} if text is None else {"text": text, "by": by},
    )
