"""Lets people live: publishes what other systems say of them, and brings what they write back."""

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from foundation.clock import SystemClock
from schemas.registry import EVENT_TYPES
from simulator.signing import sign_form
from tests.soak.fleet import Fleet
from tests.soak.people import Act, Click, Garble, Person, Publish, Say, Wait
from tests.soak.record import Spoken, Told
from tests.soak.watch import Place, Watch

_BETWEEN_TRIES = 0.2
_NO_EVENT = b"{ this is no event"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_CLOCK = SystemClock()


class Load:
    """One run's people. Mischief keeps pace with what they have done."""

    def __init__(self, fleet: Fleet, watch: Watch, *, seed: int) -> None:
        self.told: list[tuple[Told, Place]] = []
        self.spoken: list[Spoken] = []
        self.acts = -1
        #: How many there will have been once all have lived.
        self.acts_of_all = 0
        self._acted = asyncio.Condition()
        self._fleet = fleet
        self._watch = watch
        self._seed = seed
        self._chance = random.Random(f"load {seed}")
        # Each has a chance of their own: what one is given does not depend on how fast another lives.
        self._chances: dict[str, random.Random] = {}
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()

    async def introduce(self, people: Sequence[Person]) -> None:
        """Tell who they are; return when all of it was published, of each person in order."""
        await asyncio.gather(*(self._live(each, each.first) for each in people))

    async def live(self, people: Sequence[Person], *, over: float) -> None:
        """Let all of them live, beginning at some moment of the `over` seconds; return when all have."""
        begins = [self._chance.uniform(0, over) for _ in people]
        self.acts = 0
        self.acts_of_all = sum(not isinstance(act, Wait) for person in people for act in person.life)
        await asyncio.gather(
            *(self._live(each, [Wait(at), *each.life]) for each, at in zip(people, begins, strict=True))
        )

    async def has_done(self, acts: float) -> None:
        """Return once people have done as much."""
        async with self._acted:
            await self._acted.wait_for(lambda: self.acts >= acts)

    async def close(self) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def _live(self, person: Person, acts: Sequence[Act]) -> None:
        for act in acts:
            match act:
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                    continue
                case Publish():
                    for _ in range(act.times):
                        await self._publish(person, act)
                case Garble(topic):
                    await self._garble(person, topic)
                case Say(text, times):
                    reply_id = self._new_sid(person)
                    for _ in range(times):
                        await self.say(person, text, reply_id=reply_id)
                case Click():
                    await self._click(person)
            async with self._acted:
                # Who they are counts for nothing: mischief keeps pace with their lives.
                self.acts += self.acts >= 0
                self._acted.notify_all()

    def _new_id(self, person: Person, *, length: int = 16) -> str:
        name = person.person_id
        chance = self._chances.setdefault(name, random.Random(f"ids {self._seed} {name}"))
        return "".join(chance.choices("0123456789abcdef", k=length))

    def _new_sid(self, person: Person) -> str:
        return f"SM{self._new_id(person, length=32)}"

    async def _publish(self, person: Person, act: Publish) -> None:
        time = _CLOCK.now() - act.ago
        # What is told twice is one event, so its id and time are those of what is told.
        known = next((each for each, _ in self.told if each.data is act.data), None)
        event_id, time = (known.id, known.time) if known else (self._new_id(person), time)
        value = {
            "specversion": "1.0",
            "id": event_id,
            "source": "/agency",
            "type": act.type,
            "time": time.isoformat(),
            "subject": person.person_id,
            "data": dict(act.data),
        }
        topic = EVENT_TYPES[act.type].topic
        sent_at, place = await self._send(topic, person.person_id, json.dumps(value).encode())
        told = Told(
            person=person.person_id,
            topic=topic,
            type=act.type,
            id=event_id,
            time=time,
            data=act.data,
            sent_at=sent_at,
            taken_at=_CLOCK.now(),
        )
        self.told.append((told, place))

    async def _garble(self, person: Person, topic: str) -> None:
        sent_at, place = await self._send(topic, person.person_id, _NO_EVENT)
        now = _CLOCK.now()
        told = Told(
            person=person.person_id,
            topic=topic,
            type="",
            id=self._new_id(person),
            time=now,
            data=None,
            sent_at=sent_at,
            taken_at=now,
        )
        self.told.append((told, place))

    async def flood(self, topic: str, *, key: str, count: int) -> Place:
        """Publish records that nobody can read, about nobody, one right after the other; return the last."""
        for _ in range(count - 1):
            with suppress(KafkaError, OSError):  # so there is less of a flood while Kafka is away
                await (await self._open()).send(topic, _NO_EVENT, key=key.encode())
        _, last = await self._send(topic, key, _NO_EVENT)
        return last

    def is_read(self, place: Place) -> bool:
        return self._watch.consumed_by(place) is not None

    async def _send(self, topic: str, key: str, value: bytes) -> tuple[Any, Place]:
        """Publish through any outage; return when it was first tried, and where it is."""
        sent_at = _CLOCK.now()
        while True:
            try:
                producer = await self._open()
                taken = await producer.send_and_wait(topic, value, key=key.encode())
            except (KafkaError, OSError):
                await asyncio.sleep(_BETWEEN_TRIES)
                continue
            place = (topic, int(taken.partition), int(taken.offset))
            self._watch.await_consumption(place)
            return sent_at, place

    async def _open(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                producer = AIOKafkaProducer(bootstrap_servers=self._fleet.mortals.kafka_address, acks="all")
                await producer.start()
                self._producer = producer
            return self._producer

    async def say(self, person: Person, text: str, *, reply_id: str) -> None:
        """Write back from the person's telephone, and have the vendor bring it until it is taken."""
        url = self._at("/webhooks/twilio/inbound")
        fields = self._text(person, text, reply_id)
        token = self._fleet.wiring.secrets["auth_token"]
        headers = _FORM | {"X-Twilio-Signature": sign_form(url, fields, auth_token=token)}
        assert person.phone is not None
        await self._bring(url, urlencode(fields), headers, address=person.phone, text=text, reply_id=reply_id)

    async def forge(self, person: Person, text: str) -> None:
        """Have somebody else say it in the person's name, with a signature that cannot be right."""
        url, reply_id = self._at("/webhooks/twilio/inbound"), self._new_sid(person)
        fields = self._text(person, text, reply_id)
        headers = _FORM | {"X-Twilio-Signature": sign_form(url, fields, auth_token="0" * 32)}
        assert person.phone is not None
        await self._bring(
            url, urlencode(fields), headers, address=person.phone, text=text, reply_id=reply_id, forged=True
        )

    async def forge_receipt(self, person: Person, attempt_id: str, status: str) -> None:
        """Report what became of a message, with a signature that cannot be right."""
        url = self._at(f"/webhooks/twilio/status?attempt={attempt_id}")
        sid = self._new_sid(person)
        fields = {"MessageSid": sid, "MessageStatus": status, "ErrorCode": "30003"}
        headers = _FORM | {"X-Twilio-Signature": sign_form(url, fields, auth_token="0" * 32)}
        await self._bring(url, urlencode(fields), headers, address="", text=status, reply_id=sid, forged=True)

    async def _click(self, person: Person) -> None:
        """Click on unsubscribe in the newest email, if they have one by now."""
        assert person.email is not None
        email = self._fleet.vendors.arrivals.latest(vendor="sendgrid", to=person.email)
        if email is not None:
            link = email.headers["List-Unsubscribe"].strip("<>")
            body = "List-Unsubscribe=One-Click"
            await self._bring(
                link, body, _FORM, address=person.email, text=None, reply_id=self._new_id(person)
            )

    async def _bring(
        self,
        url: str,
        body: str,
        headers: dict[str, str],
        *,
        address: str,
        text: str | None,
        reply_id: str,
        forged: bool = False,
    ) -> None:
        sent_at = _CLOCK.now()
        status = await _until_answered(lambda session: session.post(url, data=body, headers=headers))
        self.spoken.append(
            Spoken(
                reply_id=reply_id,
                address=address,
                text=text,
                sent_at=sent_at,
                heard_at=_CLOCK.now(),
                status=status,
                forged=forged,
            )
        )

    def _at(self, path: str) -> str:
        return f"http://127.0.0.1:{self._fleet.wiring.ports.outreach}{path}"

    @staticmethod
    def _text(person: Person, text: str, reply_id: str) -> dict[str, str]:
        assert person.phone is not None
        return {
            "MessageSid": reply_id,
            "From": person.phone,
            "To": "+13125550100",
            "Body": text,
            "NumMedia": "0",
            "ApiVersion": "2010-04-01",
        }


async def _until_answered(
    post: Callable[[aiohttp.ClientSession], Any],
) -> int:
    """Try as vendors do, until somebody answers with anything but a server's error."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            try:
                async with post(session) as answer:
                    if answer.status < 500:
                        return int(answer.status)
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_BETWEEN_TRIES)
