"""A small world for stories: a real database, providers that record, a clock that only the story moves."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from outreach.desk.brakes import pause, resume
from outreach.desk.releasing import Decided, Decision, release_person
from outreach.guidance.guidance import Guidance
from outreach.listening.replies import ReplyOutcome, hear_reply
from outreach.listening.reply import Reply
from outreach.listening.unsubscribe import unsubscribe
from outreach.model.message import Message, Sms
from outreach.model.words import Channel
from outreach.planning.ask_publishers import ask_what_is_due
from outreach.sending.claim_result import Call
from tests.support.driver import SAMPLE, Driver, guidance_of
from tests.support.happenings import CHICAGO, usd
from tests.support.staff import STAFF

__all__ = ["CHICAGO", "SAMPLE", "World", "guidance_of", "texts", "usd"]


class World(Driver):
    """Who lives in it, what they and the staff do, and what the product makes of that."""

    async def person(
        self,
        person_id: str = "ada",
        *,
        phone: str | None = "+13125550142",
        email: str | None = "ada@example.com",
        address: dict[str, str] | None = None,
        consents: Iterable[dict[str, Any]] | None = None,
        **snapshot: Any,
    ) -> str:
        """Make a person known, who allows texts and email; later calls change them."""
        if consents is not None:
            snapshot["consents"] = list(consents)
        await self.hears(
            self.snapshot(
                person_id,
                addresses=[address or CHICAGO],
                phones=[{"number": phone, "kind": "mobile"}] if phone else [],
                emails=[{"address": email}] if email else [],
                **snapshot,
            )
        )
        return person_id

    async def debt(self, person: str, debt_id: str = "d1", *, balance: str = "240.00", **data: Any) -> str:
        """Place a debt with the agency."""
        await self.hears(self.places(person, debt_id, balance=balance, **data))
        return debt_id

    async def has_a_text_due(self, person: str = "ada", debt_id: str = "d1", **data: Any) -> None:
        """Plan one text for now and nothing else: thanks for a payment."""
        await self.hears(*self.thanks(person, debt_id, **data))

    async def answers(
        self, text: str, *, phone: str = "+13125550142", reply_id: str | None = None
    ) -> ReplyOutcome:
        """Have somebody text us."""
        number = self.next_number()
        reply = Reply(
            reply_id=reply_id or f"SM{number:032}",
            channel=Channel.SMS,
            address=phone,
            text=text,
            received_at=self.clock.now(),
        )
        return await hear_reply(
            reply, database=self.database, clock=self.clock, playbook=self.guidance.playbook
        )

    async def unsubscribes(self, person: str = "ada", address: str = "ada@example.com") -> None:
        """Have somebody press the button."""
        await unsubscribe(person_id=person, address=address, database=self.database, clock=self.clock)

    async def told(self, call: Call, status: str, **says: Any) -> int:
        """Take one receipt about a call."""
        return await self.hears_receipts(self.receipt(call, status, **says))

    async def pauses(self, **narrowed: str) -> None:
        """Have operations staff hold back what these words narrow it to."""
        every: dict[str, Any] = {"creditor": None, "play": None, "channel": None, "reason": None}
        await pause(
            **{**every, **narrowed},
            actor=STAFF,
            guidance=self._guidance_with(**narrowed),
            database=self.database,
            clock=self.clock,
        )

    def _guidance_with(self, *, creditor: str = "", play: str = "", **_: str) -> Guidance:
        """Return the world's guidance, in which a creditor and a play of these names are known."""
        directory, playbook = self.guidance.directory, self.guidance.playbook
        anyone, anything = next(iter(directory.creditors.values())), next(iter(playbook.plays.values()))
        return replace(
            self.guidance,
            directory=replace(directory, creditors={**directory.creditors, creditor: anyone}),
            playbook=replace(playbook, plays={**playbook.plays, play: anything}),
        )

    async def resumes(self, **narrowed: str) -> None:
        """End such a pause."""
        every: dict[str, Any] = {"creditor": None, "play": None, "channel": None}
        await resume(
            **{**every, **narrowed},
            spread=timedelta(0),
            actor=STAFF,
            reason=None,
            guidance=self._guidance_with(**narrowed),
            database=self.database,
            clock=self.clock,
        )

    async def asks_publishers(self, creditors: Collection[str] | None = None) -> int:
        """Ask about what contradicts the rest and is due; with other creditors than the playbook's."""
        known = self.guidance.playbook.creditors if creditors is None else creditors
        return await ask_what_is_due(database=self.database, clock=self.clock, creditors=known)

    async def releases(self, person: str, decided: Decided = Decided.NONE, **more: Any) -> int:
        """Have a human hand a person back to automation; return how many waits ended."""
        decision = Decision(decided=decided, actor=STAFF, **more)
        return (await release_person(person, decision, database=self.database, clock=self.clock)).ended


def texts(messages: Iterable[Message]) -> list[str]:
    """Return what people read: the body of a text, the plain part of an email."""
    return [message.body if isinstance(message, Sms) else message.text for message in messages]
