"""Plays a story: all is read, decided, sent and settled as in production, on a clock that jumps ahead."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.intake import Batch
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from outreach.desk.ask import what_if
from outreach.desk.story_cases.judge import Answered, Judgment, judge
from outreach.desk.story_cases.outcome import (
    SentMessage,
    StoryOutcome,
    list_messages_sent,
    list_records_set_aside,
    list_replies_heard,
)
from outreach.desk.story_cases.people import StoryPeople
from outreach.desk.story_cases.shapes import ExplainedShape
from outreach.desk.story_cases.story import AnEvent, AReceipt, AReply, AVendor, Happening, Story
from outreach.desk.story_cases.vendor import StoryVendor
from outreach.guidance.guidance import Guidance
from outreach.listening.receipts import hear_receipts
from outreach.listening.replies import hear_reply
from outreach.listening.reply import Reply
from outreach.model.message import Message, Sms
from outreach.model.words import Channel
from outreach.planning.ingest import ingest
from outreach.policy.rules.notice import RequiresNotice
from outreach.providers.mail import written_in
from outreach.providers.receipts import Receipt, Unreadable
from outreach.providers.sendgrid.webhooks import parse_events
from outreach.providers.twilio.webhooks import parse_status
from outreach.sending.assembly import assemble
from outreach.sending.compose import Compose, Routes
from outreach.sending.dispatch import Dispatch
from outreach.sending.dispatching import Dispatching
from outreach.sending.recover import recover
from outreach.store import operations, touches
from schemas import envelope, topics
from schemas.registry import EVENT_TYPES

#: Messages are not spread in a story, so that it can name the instant.
_DISPATCHING = Dispatching(spread=timedelta(0))
_STRUCTURED = (("content-type", b"application/cloudevents+json"),)
_PUBLIC = "https://outreach.example.com"


class Player:
    """Plays stories on a database of their own each."""

    def __init__(self, guidance: Guidance, *, files: dict[str, str]) -> None:
        self._guidance = guidance
        self._files = files

    async def play(self, story: Story, *, database: Database) -> Judgment:
        """Play a story to its end; return what came of it, held against what is expected."""
        clock = ManualClock(story.begins - timedelta(seconds=1))
        stage = _Stage(story, guidance=self._guidance, database=database, clock=clock)
        await self._put_in_force(database, clock)
        await stage.play()
        outcome = await stage.outcome()
        answered = [
            answer
            for expectation in story.expect
            if expectation.explained is not None
            for answer in await stage.explain(expectation.explained)
        ]
        return judge(story, outcome, answered)

    async def _put_in_force(self, database: Database, clock: ManualClock) -> None:
        async with database.transaction() as connection:
            await operations.switch_config(
                connection,
                version=self._guidance.version,
                policy=self._guidance.policy.version,
                content=self._files,
                by="story",
                now=clock.now(),
            )


class _Stage:
    """One story under way."""

    def __init__(self, story: Story, *, guidance: Guidance, database: Database, clock: ManualClock) -> None:
        self._story = story
        self._guidance = guidance
        self._database = database
        self._clock = clock
        self._people = StoryPeople(story.people, begins=story.begins, notices=_notices_asked_for(guidance))
        self._vendors = [StoryVendor(channel, clock=clock) for channel in (Channel.SMS, Channel.EMAIL)]
        orders = [happening for happening in story.happenings if isinstance(happening, AVendor)]
        for vendor in self._vendors:
            vendor.follow(orders)
        self._numbers = 0
        self._dispatch = self._assemble()

    def _assemble(self) -> Dispatch:
        compose = Compose(
            routes=Routes(
                providers={vendor.channel: vendor.name for vendor in self._vendors},
                sms_sender="MG" + "0" * 32,
                email_from=self._guidance.directory.agency.email or "agency@example.com",
                status_url=f"{_PUBLIC}/webhooks/twilio/status",
                unsubscribe_url=f"{_PUBLIC}/u/",
            ),
            sign=lambda names: uuid5(NAMESPACE_URL, "/".join(names)).hex,
        )
        return assemble(
            database=self._database,
            clock=self._clock,
            guidance=lambda: self._guidance,
            compose=compose,
            providers=self._vendors,
            dispatching=_DISPATCHING,
        ).dispatch

    async def play(self) -> None:
        """Read what happens when it happens, and send what falls due in between, until the end."""
        await self._read(topics.PEOPLE, self._people.everybody())
        happenings = [happening for happening in self._story.happenings if happening.at <= self._story.until]
        for at, together in groupby(happenings, key=lambda happening: happening.at):
            await self._send_until(at)
            self._clock.move_to(max(at, self._clock.now()))
            for happening in together:
                await self._happen(happening)
            await self._send()
        await self._send_until(self._story.until)
        self._clock.move_to(max(self._story.until, self._clock.now()))
        await self._send()

    async def _send_until(self, instant: datetime) -> None:
        """Send whatever falls due before an instant, at the second at which it does."""
        while (due := await self._next_due()) is not None and due < instant:
            self._clock.move_to(max(due, self._clock.now() + timedelta(seconds=1)))
            if self._clock.now() >= instant:
                return
            await self._send()

    async def _next_due(self) -> datetime | None:
        async with self._database.transaction() as connection:
            return await touches.find_next_due(connection)

    async def _send(self) -> None:
        await recover(database=self._database, clock=self._clock, playbook=self._guidance.playbook)
        await self._dispatch.send_due()

    async def _happen(self, happening: Happening) -> None:
        match happening:
            case AnEvent():
                topic = EVENT_TYPES[happening.type].topic
                if topic == topics.PERSON_EVENTS:
                    await self._read(topics.PEOPLE, [self._people.after(happening)])
                else:
                    await self._read(topic, [happening.content])
            case AReply():
                await self._hear(happening)
            case AReceipt():
                await self._receive(happening)
            case AVendor():
                pass

    async def _read(self, topic: str, contents: Sequence[bytes]) -> None:
        """Read records of a topic as they would come from Kafka."""
        now, events, origins, malformed = self._clock.now(), [], [], []
        for content in contents:
            key = _subject_of(content)
            record = Record(topic, 0, self._number(), key, content, _STRUCTURED)
            try:
                events.append(
                    envelope.parse(topic=topic, key=key, value=content, headers=_STRUCTURED, now=now)
                )
                origins.append(record)
            except envelope.Malformed as error:
                person = key.decode() if key else None
                malformed.append(
                    MalformedRecord(record=record, reason=error.reason, problem=error.problem, person=person)
                )
        batch = Batch(events=events, origins=origins, malformed=malformed)
        await ingest(batch, database=self._database, playbook=self._guidance.playbook, clock=self._clock)

    async def _hear(self, reply: AReply) -> None:
        """Hear a reply; an email answers the last that went to the person there, or proves nothing."""
        answers = [
            message
            for message in await self._messages()
            if message.to == reply.person_id and message.channel is Channel.EMAIL
        ]
        is_email = reply.channel is Channel.EMAIL
        await hear_reply(
            Reply(
                reply_id=f"reply{self._number()}",
                person_id=reply.person_id if is_email and answers else None,
                is_proven=not is_email or bool(answers),
                channel=reply.channel,
                address=reply.address,
                # As the webhook of email does before it listens.
                text=written_in(reply.text) if is_email else reply.text,
                received_at=self._clock.now(),
            ),
            database=self._database,
            clock=self._clock,
            playbook=self._guidance.playbook,
        )

    async def _receive(self, receipt: AReceipt) -> None:
        """Hear what a vendor says of the last such message, in the vendor's own words."""
        sent = [
            message
            for message in await self._messages()
            if message.to == receipt.person_id and (receipt.play is None or message.is_called(receipt.play))
        ]
        if not sent:
            return
        last = sent[-1]
        vendor = next(vendor for vendor in self._vendors if vendor.channel is last.channel)
        read = self._in_the_vendors_words(last, receipt)
        await hear_receipts(
            [receipt for receipt in read if isinstance(receipt, Receipt)],
            provider=vendor.name,
            database=self._database,
            clock=self._clock,
            playbook=self._guidance.playbook,
        )

    def _in_the_vendors_words(
        self, message: SentMessage, receipt: AReceipt
    ) -> Sequence[Receipt | Unreadable]:
        number = self._number()
        if message.channel is Channel.SMS:
            form = [("MessageSid", f"SM{number:032x}"), ("MessageStatus", receipt.status)]
            if receipt.code is not None:
                form.append(("ErrorCode", receipt.code))
            return [parse_status(tuple(form), attempt=str(message.attempt_id))]
        event = {
            "event": receipt.status,
            "sg_event_id": f"event{number}",
            "sg_message_id": f"message{number}",
            "attempt_id": str(message.attempt_id),
            "timestamp": int(self._clock.now().timestamp()),
            **({"reason": receipt.code, "status": receipt.code} if receipt.code is not None else {}),
        }
        batch = parse_events(msgspec.json.encode([event]))
        return list(batch.receipts) if not isinstance(batch, Unreadable) else [batch]

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    async def outcome(self) -> StoryOutcome:
        """Return all that came of the story."""
        messages = await self._messages()
        async with self._database.transaction() as connection:
            replies = await list_replies_heard(connection)
            set_aside = await list_records_set_aside(connection)
        return StoryOutcome(messages=messages, replies=replies, set_aside=set_aside)

    async def _messages(self) -> list[SentMessage]:
        bodies = {
            message.attempt_id: _text_of(message) for vendor in self._vendors for message in vendor.taken
        }
        async with self._database.transaction() as connection:
            rows = await list_messages_sent(connection)
        return _joined(rows, bodies)

    async def explain(self, expected: ExplainedShape) -> list[Answered]:
        """Ask what the policy says at an instant of a touch of this play."""
        answers = await what_if(
            self._database,
            person_id=expected.to,
            touch_id=None,
            policy=self._guidance.policy,
            at=expected.at,
        )
        return [
            Answered(
                to=expected.to,
                play=answer.touch.play,
                at=expected.at,
                reasons=frozenset(reason for reason in getattr(answer.explanation.decision, "reasons", ())),
            )
            for answer in answers
            if answer.touch.play == expected.play
        ]


def _joined(rows: Iterable[dict[str, object]], bodies: dict[UUID, str]) -> list[SentMessage]:
    """Return the messages that reached a vendor, each with all the debts it is about."""
    sent: dict[UUID, SentMessage] = {}
    for row in rows:
        attempt_id = row["attempt_id"]
        assert isinstance(attempt_id, UUID)
        if attempt_id not in bodies:
            continue
        before = sent[attempt_id].debts if attempt_id in sent else frozenset[str]()
        at = row["at"]
        assert isinstance(at, datetime)
        sent[attempt_id] = SentMessage(
            attempt_id=attempt_id,
            to=str(row["person_id"]),
            at=at.astimezone(UTC),
            channel=Channel(str(row["channel"])),
            play=str(row["play"]),
            wording=str(row["wording"]),
            purpose=str(row["purpose"]),
            debts=before | ({str(row["debt_id"])} if row["debt_id"] else set()),
            text=bodies[attempt_id],
        )
    return list(sent.values())


def _subject_of(content: bytes) -> bytes:
    return str(msgspec.json.decode(content)["subject"]).encode()


def _text_of(message: Message) -> str:
    return message.body if isinstance(message, Sms) else f"{message.subject}\n{message.text}"


def _notices_asked_for(guidance: Guidance) -> set[str]:
    """Return the names of all notices that a pack asks for."""
    return {
        rule.notice
        for pack in guidance.policy.packs.values()
        for rule in pack.rules
        if isinstance(rule, RequiresNotice)
    }
