"""A human's answer to what a person wrote: through the same policy and the same gate as everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
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
from outreach.model.playbook import ANSWERS
from outreach.model.touch import DesiredTouch
from outreach.model.words import Channel, Purpose
from outreach.store import debts, hand_offs, people, replies, touches
from outreach.store.changes import people_changed
from outreach.store.hand_offs import WaitingReply
from outreach.wording.tone.lint import lint
from outreach.wording.wordings import Key

#: How long a human's answer to a message passes what waits for a human (policy-cases: purposes).
ANSWERS_WITHIN: Final = timedelta(days=7)
#: The wording in which a human writes in their own words.
OWN_WORDS: Final = "human_reply"
#: What wordings are filled in by; in a human's own words it would reach the person as it stands.
_PLACEHOLDERS: Final = ("{{", "{%", "{#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that was planned, and what the policy says of it now.

    `is_new` is false where the same was said before in answer to the same message: nothing was planned.
    """

    touch_id: UUID
    channel: Channel
    answers: Sequence[WhatIf]
    is_new: bool = True


class CannotAnswer(Exception):
    """No answer was planned; `problem` says why, and what to do."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class UnusableText(CannotAnswer):
    """A text that no message can be made of: whoever gave it writes another."""


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
    The same words in answer to the same message go out once, whoever says them and however often.

    Raises:
        UnusableText: the text is empty, or has placeholders, which nothing fills in.
        CannotAnswer: the text would harm, nothing of theirs waits, nobody knows that it is theirs, or there
            is no such wording.
    """
    if text is not None:
        _check_text(text, language=guidance.directory.agency.language)
    now = clock.now()
    async with database.transaction() as connection:
        await people.lock_people(connection, [person_id])
        waiting = await hand_offs.list_waiting(connection, person=person_id)
        reply = _answerable(person_id, waiting, now=now)
        said = _Said(text=text, wording=wording or OWN_WORDS)
        if Key("en", said.wording, reply.channel) not in guidance.wordings.templates:
            raise CannotAnswer(f"there is no wording {said.wording} for {reply.channel}")
        before = await touches.list_repetitions(
            connection, person_id, play=ANSWERS, beginning=said.occasion(reply)
        )
        touch_id = next((touch.touch_id for touch in before if not touch.is_given_up), None)
        if is_new := touch_id is None:
            touch = await _planned(
                connection, reply, person_id, said=said, times=len(before), by=str(actor), now=now
            )
            await _record(connection, touch, reply, actor=actor, now=now)
            touch_id = touch.touch_id
    answers = await what_if(database, person_id=None, touch_id=touch_id, policy=guidance.policy, at=now)
    return Answer(touch_id=touch_id, channel=reply.channel, answers=answers, is_new=is_new)


def _check_text(text: str, *, language: str) -> None:
    """Refuse what cannot be sent as it is written, or must not be; mere advice is left to its author."""
    if not any(sign.isprintable() and not sign.isspace() for sign in text):
        raise UnusableText("the text is empty: write what they are to read")
    if found := next((sign for sign in _PLACEHOLDERS if sign in text), None):
        raise UnusableText(
            f"the text has `{found}`, but it is sent as written and nothing is filled in: write the name or"
            " the sum itself"
        )
    harms = [remark for remark in lint(text, language=language) if remark.is_error]
    if harms:
        raise CannotAnswer("; ".join(f"{remark.words}: {remark.suggestion}" for remark in harms))


async def _record(
    connection: Connection, touch: DesiredTouch, reply: WaitingReply, *, actor: Actor, now: datetime
) -> None:
    await touches.plan_touches(connection, [touch], now=now)
    await acts.record(connection, actor, "answer", subject=touch.person_id, now=now)
    await replies.note_answered(connection, reply.reply_id, now=now)
    await outbox.append(connection, [announce.planned(touch, now=now)], source=announce.SOURCE)
    await people_changed(connection, [touch.person_id], now=now, wake=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a human says: words of their own, or a wording."""

    text: str | None
    wording: str

    def occasion(self, reply: WaitingReply) -> str:
        """Name this answer to this message; how the words are spaced makes no other of it."""
        words = " ".join((self.text or "").split())
        return f"{reply.reply_id}:{sha256(f'{self.wording}:{words}'.encode()).hexdigest()[:16]}:"


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
    said: _Said,
    times: int,
    by: str,
    now: datetime,
) -> DesiredTouch:
    """Return the touch; `times` is how often the same was planned before, and given up."""
    facts = ReplyFacts(people=[person_id], debts=await debts.read_debts(connection, [person_id]), liftable=())
    return planned_answer(
        facts,
        person=person_id,
        occasion=f"{said.occasion(reply)}{times}",
        purpose=Purpose.HUMAN_REPLY,
        wording=said.wording,
        channel=reply.channel,
        in_reply_to=reply.received_at,
        due_at=now,
        expires_at=reply.received_at + ANSWERS_WITHIN,
        said={"by": by} if said.text is None else {"text": said.text, "by": by},
    )
