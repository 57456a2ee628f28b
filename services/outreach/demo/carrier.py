"""What becomes of a message on its way: mostly it arrives, and sometimes it does not, as in life."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final

from foundation.clock import Clock
from outreach.model.message import Message
from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from outreach.model.words import Channel
from outreach.providers.file import File
from outreach.providers.receipts import Receipt, ReceiptStatus

#: Of all numbers and addresses, those that are no good; of all calls, those that a busy vendor does not take,
#: and those whose answer is lost.
_DEAD: Final = 0.04
_BUSY: Final = 0.012
_LOST: Final = 0.008

#: Called with a message and the instant when it has reached somebody.
Arrived = Callable[[Message, datetime], None]


class Carrier:
    """Writes messages to files, and tells what became of them as vendors do.

    Some addresses are no good, always the same ones for a seed; now and then the vendor is busy, or
    its answer is lost on the way.
    """

    def __init__(self, *, file: File, seed: int, clock: Clock, arrived: Arrived) -> None:
        self.channel = file.channel
        self.name = f"file_{file.channel}"
        self._file = file
        self._seed = seed
        self._clock = clock
        self._arrived = arrived
        self._calls: Counter[str] = Counter()
        self._receipts: list[Receipt] = []

    async def send(self, message: Message) -> Outcome:
        """Hand one message over; what it comes to depends on the address and how often it was used."""
        address = message.to
        self._calls[address] += 1
        chance = Random(f"{self._seed}:{address}:{self._calls[address]}").random()
        if self._is_dead(address) and self.channel is Channel.SMS:
            return Refused("21614", unreachable=True)
        if chance < _BUSY:
            return NotSent("20429", retry_after=timedelta(seconds=90), our_fault=False)
        accepted = await self._file.send(message)
        if not isinstance(accepted, Accepted):
            return accepted
        self._tell(message, accepted)
        return Unknown("timeout") if chance < _BUSY + _LOST else accepted

    def take_receipts(self) -> list[Receipt]:
        """Return what became of the messages since the last time."""
        taken, self._receipts = self._receipts, []
        return taken

    async def close(self) -> None:
        """Close the folder."""
        await self._file.close()

    def _is_dead(self, address: str) -> bool:
        return Random(f"{self._seed}:{address}").random() < _DEAD

    def _tell(self, message: Message, accepted: Accepted) -> None:
        dead, now = self._is_dead(message.to), self._clock.now()
        self._receipts.append(
            Receipt(
                event_id=accepted.provider_message_id,
                attempt_id=message.attempt_id,
                provider_message_id=accepted.provider_message_id,
                status=ReceiptStatus.UNDELIVERED if dead else ReceiptStatus.DELIVERED,
                code="550" if dead else None,
                at=now,
                unreachable=dead,
            )
        )
        if not dead:
            self._arrived(message, now)
