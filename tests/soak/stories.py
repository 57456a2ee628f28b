"""Small records in which every promise was kept, for tests of the referee to break."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.soak.record import Heard, Record, Request, Spoken, Told

#: A Monday, eleven o'clock in Denver.
BEGINS = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
ADA, ADAS_PHONE, ADAS_MAIL = "ada", "+13035550101", "ada@example.com"
_TOPICS = {"debt": "debts.v1", "payment": "payments.v1", "plan": "payments.v1", "contact": "contacts.v1"}
_EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

INTRODUCES = "Hi Ada, this is Harbor Recovery. We would like to find something that works for you, for your \
account with Northwind Energy."
THANKS = "Thank you, Ada. Harbor Recovery received your payment of $40.00 for Northwind Energy on 2026-11-23."
STOPPED = "Harbor Recovery: you will get no more texts from us at this number. If you ever want them again"
HELPS = "Harbor Recovery. A person can help you: call +1 202 555 0100 or write to hello@harbor.example.com."


def at(second: float) -> datetime:
    return BEGINS + timedelta(seconds=second)


@dataclass
class Story:
    """Tells what happened, second by second; `record` is what was seen of it."""

    told: list[Told] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    others: dict[str, Any] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: count(1))

    def record(self) -> Record:
        return Record(
            seed=1,
            began_at=at(0),
            ended_at=at(60),
            longest_call=7.0,
            at_once=10,
            told=self.told,
            requests=self.requests,
            refusals=self.others.get("refusals", []),
            heard=self.heard,
            spoken=self.spoken,
            deeds=self.others.get("deeds", []),
            elsewhere=self.others.get("elsewhere", 0),
        )

    def tells(
        self,
        kind: str,
        data: Mapping[str, Any] | None,
        *,
        second: float,
        person: str = ADA,
        consumed: float | None = None,
        ago: timedelta = timedelta(0),
    ) -> None:
        """Another system tells something; it is read half a second later unless `consumed` says when."""
        self.told.append(
            Told(
                person=person,
                topic=_TOPICS.get(kind.split(".", maxsplit=1)[0], "person-events.v1"),
                type=kind,
                id=f"event-{next(self._ids)}",
                time=at(second) - ago,
                data=data,
                sent_at=at(second),
                taken_at=at(second + 0.1),
                consumed_by=at(second + 0.5 if consumed is None else consumed),
            )
        )

    def person(self, person: str = ADA, *, given: str = "Ada", phone: str = ADAS_PHONE, **told: Any) -> None:
        """Somebody who may be written to at any hour, by text and by email."""
        who = {
            "names": {"given": given},
            "addresses": [{"country": "US", "region": "CO", "postal_code": "80202"}],
            "phones": [{"number": phone}],
            "emails": [{"address": f"{person}@example.com"}],
            "convenient": [{"days": _EVERY_DAY, "begins": "00:00", "ends": "24:00"}],
        }
        self.tells("person.changed.v1", who | told, second=0, person=person)

    def consents(self, *channels: str, second: float = 1, person: str = ADA) -> None:
        for each in channels:
            self.tells(
                "consent.granted.v1", {"channel": each}, second=second, person=person, ago=timedelta(days=10)
            )

    def places(self, creditor: str = "northwind", *, second: float = 5, person: str = ADA) -> None:
        debt = {"debt_id": f"{person}-{creditor}", "creditor": creditor}
        self.tells("debt.placed.v1", debt, second=second, person=person, ago=timedelta(hours=1))

    def pays(self, *, second: float = 10, consumed: float | None = None, **told: Any) -> None:
        payment = {"debt_id": "ada-northwind", "amount": {"amount": "40.00"}, "balance": {"amount": "60.00"}}
        self.tells("payment.received.v1", payment | told, second=second, consumed=consumed)

    def says(self, text: str | None, *, second: float, address: str = ADAS_PHONE, **how: Any) -> None:
        reply_id = f"reply-{next(self._ids)}"
        told: dict[str, Any] = {"sent_at": at(second), "heard_at": at(second + 0.1), "status": 200} | how
        self.spoken.append(Spoken(reply_id=reply_id, address=address, text=text, **told))
        if told["status"] >= 300:
            return
        if text is not None:
            self.publishes("outreach.replies.v1", "reply.received.v1", {"reply_id": reply_id}, second=second)
        if text in (None, "STOP"):
            closed = {"channel": "email" if text is None else "sms"}
            self.publishes("outreach.replies.v1", "suppression.recorded.v1", closed, second=second)

    def sends(
        self,
        text: str,
        *,
        second: float,
        to: str = ADAS_PHONE,
        play: str = "introduction",
        person: str = ADA,
        touch: int | None = None,
        **how: Any,
    ) -> str:
        """A message goes out and is told; return its attempt."""
        attempt = self.calls(text, second=second, to=to, **how)
        touch_id = str(UUID(int=touch or next(self._ids)))
        about = {"touch_id": touch_id, "play": play, "debts": ["ada-northwind"]}
        self.touches("planned", about, second=second, person=person)
        self.touches("accepted", about | {"attempt_id": attempt}, second=second, person=person)
        self.touches("delivered", about | {"attempt_id": attempt}, second=second + 1, person=person)
        return attempt

    def calls(self, text: str, *, second: float, to: str = ADAS_PHONE, **how: Any) -> str:
        """A vendor reads a message."""
        attempt = f"attempt-{next(self._ids)}"
        told: dict[str, Any] = {
            "vendor": "sendgrid" if "@" in to else "twilio",
            "went_out": True,
            "answered_yes": True,
            "receipts": (("delivered", 204),),
        }
        self.requests.append(
            Request(**told | {"at": at(second), "to": to, "text": text, "attempt_id": attempt} | how)
        )
        return attempt

    def touches(self, what: str, data: Mapping[str, Any], *, second: float, person: str = ADA) -> None:
        kind = f"touch.{what}.v1"
        self.publishes("outreach.touches.v1", kind, data, second=second, person=person)

    def publishes(
        self,
        topic: str,
        kind: str,
        data: Mapping[str, Any],
        *,
        second: float,
        person: str = ADA,
        consumed: float | None = None,
    ) -> None:
        before = sum(each.topic == topic and each.key == person for each in self.heard)
        self.heard.append(
            Heard(
                topic=topic,
                partition=0,
                offset=len(self.heard),
                at=at(second),
                key=person,
                id=f"{topic} {person} {before + 1}",
                type=kind,
                sequence=before + 1,
                data=data,
                consumed_by=None if consumed is None else at(consumed),
            )
        )


def introduced() -> Story:
    """Ada's debt is placed, and she is introduced to it by text."""
    story = Story()
    story.person()
    story.consents("sms", "email")
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def thanked() -> Story:
    """Then she pays, and is thanked."""
    story = introduced()
    story.pays()
    story.sends(THANKS, second=11, play="thank_you")
    return story
