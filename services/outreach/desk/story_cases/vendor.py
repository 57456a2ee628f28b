"""A vendor that takes whatever it is handed, or answers as a story wants it to."""

from collections.abc import Iterable

from foundation.clock import Clock
from outreach.desk.story_cases.story import AVendor
from outreach.model.message import Message
from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from outreach.model.words import Channel


class StoryVendor:
    """Serves one channel; keeps each message that went out, or may have, by its attempt."""

    def __init__(self, channel: Channel, *, clock: Clock) -> None:
        self.channel = channel
        self.name = f"story_{channel}"
        self.taken: list[Message] = []
        self._clock = clock
        self._orders: list[AVendor] = []

    def follow(self, orders: Iterable[AVendor]) -> None:
        """Answer as these say from their instant on; the last one counts."""
        self._orders += [order for order in orders if order.channel is self.channel]

    async def send(self, message: Message) -> Outcome:
        """Take a message over, or answer as the story says."""
        now = self._clock.now()
        order = next((order for order in reversed(self._orders) if order.at <= now < order.until), None)
        match order.answers if order is not None else "accepted":
            case "refused":
                code = (order.code if order else None) or "30003"
                return Refused(code, opted_out=code == "21610", unreachable=code in {"21211", "21614"})
            case "not_sent":
                return NotSent((order.code if order else None) or "20429", retry_after=None, our_fault=False)
            case "unknown":
                self.taken.append(message)
                return Unknown((order.code if order else None) or "timeout")
            case _:
                self.taken.append(message)
                return Accepted(f"{self.name}-{len(self.taken)}")

    async def close(self) -> None:
        """Hold nothing."""
