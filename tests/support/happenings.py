"""What happens in the world of a story, written as an agency's other systems and the vendors write it."""

from datetime import datetime, timedelta
from typing import Any

from foundation.clock import ManualClock
from foundation.records import Record
from outreach.providers.receipts import Receipt, ReceiptStatus
from outreach.sending.claim_result import Call
from tests.support.cloud_events import cloud_event, record_of, topic_of

#: Where a story's people live unless it says otherwise.
CHICAGO = {"country": "US", "region": "IL", "postal_code": "60614"}


class Happenings:
    """Builds events and receipts, each with an id of its own, at the time of the story's clock."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self._versions: dict[str, int] = {}
        self._events = 0
        self._offsets: dict[str, int] = {}

    def happens(self, kind: str, *, to: str, at: datetime | str | None = None, **data: Any) -> dict[str, Any]:
        """Return an event of the agency's systems, as a CloudEvent."""
        # A debt that two people owe has one id for both; a story means nobody else's unless it says so.
        if data.get("debt_id") == "d1" and to != "ada":
            data["debt_id"] = f"d1-{to}"
        return cloud_event(
            f"{kind}.v1",
            data,
            to=to,
            at=self.clock.now() if at is None else at,
            event_id=f"e{self.next_number()}",
        )

    def snapshot(self, person_id: str = "ada", **says: Any) -> dict[str, Any]:
        """Return the next snapshot of a person, who allows texts and email unless it says otherwise."""
        version = self._versions[person_id] = self._versions.get(person_id, 0) + 1
        given_at = (self.clock.now() - timedelta(days=20)).isoformat()
        allowed = [{"channel": channel, "basis": "written", "at": given_at} for channel in ("sms", "email")]
        data = {
            "person_id": person_id,
            "version": version,
            "changed_at": self.clock.now().isoformat(),
            "names": {"given": person_id.title()},
            "addresses": [CHICAGO],
            "consents": allowed,
        }
        return self.happens("person.snapshot", to=person_id, **{**data, **says})

    def erased(self, person_id: str = "ada") -> dict[str, Any]:
        """Return that a person was erased, in the place of their next snapshot."""
        version = self._versions[person_id] = self._versions.get(person_id, 0) + 1
        at = self.clock.now().isoformat()
        return self.happens("person.erased", to=person_id, person_id=person_id, version=version, erased_at=at)

    def places(
        self,
        person: str,
        debt_id: str = "d1",
        *,
        balance: str = "240.00",
        creditor: str = "northwind",
        **data: Any,
    ) -> dict[str, Any]:
        """Return a `debt.placed`."""
        return self.happens(
            "debt.placed",
            to=person,
            debt_id=debt_id,
            creditor=creditor,
            role="third_party",
            reference=f"NW-{debt_id}",
            balance=usd(balance),
            **data,
        )

    def thanks(self, person: str, debt_id: str = "d1", **data: Any) -> list[dict[str, Any]]:
        """Return a debt and a payment of it, for which thanks are due at once."""
        paid = self.happens(
            "payment.received",
            to=person,
            debt_id=debt_id,
            payment_id=f"of-{debt_id}",
            amount=usd("40.00"),
            balance=usd("200.00"),
        )
        return [self.places(person, debt_id, **data), paid]

    def record(self, event: dict[str, Any]) -> Record:
        """Return the Kafka record that carries an event."""
        topic = topic_of(event)
        offset = self._offsets[topic] = self._offsets.get(topic, -1) + 1
        return record_of(event, offset=offset)

    def receipt(self, call: Call, status: str, **says: Any) -> Receipt:
        """Return a receipt about a call."""
        return Receipt(
            event_id=f"receipt{self.next_number()}",
            attempt_id=call.attempt_id,
            provider_message_id=None,
            status=ReceiptStatus(status),
            **says,
        )

    def begins_events_at(self, number: int) -> None:
        """Number events from here on, so that two worlds on one database do not mint the same ids."""
        self._events = number

    def next_number(self) -> int:
        """Return a number that no event of this world has had."""
        self._events += 1
        return self._events


def usd(amount: str) -> dict[str, str]:
    """Return an amount as events write it."""
    return {"amount": amount, "currency": "USD"}
